import type { HubConfigCapabilities, HubConfigDeadlines, RawHubConfigRouting } from './hub-config-routing.js';

/** Steps inside a model's entry, and what is wrong there: a text that follows the place. */
export interface RoutingMistake {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** The first cannot be reached before the second is over. */
const DEADLINES_IN_ORDER = [
  ['connectMs', 'totalMs'],
  ['firstByteMs', 'firstTokenMs'],
  ['firstByteMs', 'totalMs'],
  ['firstTokenMs', 'totalMs'],
  ['wholeMs', 'totalMs'],
  ['gapMs', 'totalMs'],
] as const satisfies readonly (readonly [keyof HubConfigDeadlines, keyof HubConfigDeadlines])[];

/**
 * What the schema cannot say of a model's routing: that it does not fall back to itself, that deadlines can be met one after another,
 * and that capabilities fit together. Whether a fallback is served by anybody is not asked: its channel may be switched on later, or
 * be an operator's own. A model may be a fallback of its own fallback, since none is asked twice.
 *
 * @param model public name.
 */
export function findRoutingMistakes(model: string, routing: RawHubConfigRouting): readonly RoutingMistake[] {
  return [
    ...fallbackMistakes(model, routing.fallbacks ?? []),
    ...deadlineMistakes(routing.deadlines ?? {}),
    ...capabilityMistakes(routing.capabilities ?? {}),
  ];
}

function fallbackMistakes(model: string, fallbacks: NonNullable<RawHubConfigRouting['fallbacks']>): RoutingMistake[] {
  const mistakes: RoutingMistake[] = [];
  const seen = new Set<string>();
  for (const [index, fallback] of fallbacks.entries()) {
    const isName = typeof fallback === 'string';
    const name = isName ? fallback : fallback.model;
    const path = ['fallbacks', index, ...(isName ? [] : ['model'])];
    if (name === model) mistakes.push({ path, text: `is the model itself: \`${name}\` cannot stand in for it` });
    else if (seen.has(name)) mistakes.push({ path, text: `names \`${name}\` a second time` });
    seen.add(name);
  }
  return mistakes;
}

function deadlineMistakes(deadlines: HubConfigDeadlines): RoutingMistake[] {
  return DEADLINES_IN_ORDER.filter(
    ([short, long]) => (deadlines[short] ?? 0) > (deadlines[long] ?? Number.POSITIVE_INFINITY),
  ).map(([short, long]) => ({ path: ['deadlines', short], text: `is above ${long}` }));
}

function capabilityMistakes(capabilities: HubConfigCapabilities): RoutingMistake[] {
  const { contextTokens = Number.POSITIVE_INFINITY, outputTokensMax = 0, retiresOn } = capabilities;
  const mistakes: RoutingMistake[] = [];
  if (outputTokensMax > contextTokens) {
    mistakes.push({ path: ['capabilities', 'outputTokensMax'], text: 'is above contextTokens' });
  }
  if (retiresOn !== undefined && !isDay(retiresOn)) {
    mistakes.push({ path: ['capabilities', 'retiresOn'], text: 'is no day of the calendar' });
  }
  return mistakes;
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  // Some engines take the 31st of a short month for a day of the next.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
