/** What a model accepts, from the vendor's documentation and migration guides up to 2026-11; written apart from the adapter. */
export interface SimulatedModel {
  readonly id: string;
  /** Which `thinking` may be sent. `always`: it thinks whatever it is told, and takes neither `enabled` nor `disabled`. */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive' | 'always';
  /** Thinks unless told otherwise. */
  readonly thinksByDefault: boolean;
  readonly takesBetweenTools: boolean;
  /** `temperature` other than 1, `top_p` below 0.99, any `top_k`. */
  readonly takesSampling: boolean;
  readonly takesTemperatureWithTopP: boolean;
  readonly takesForcedTools: boolean;
  readonly takesPrefill: boolean;
  readonly takesFormat: boolean;
  readonly takesEffort: boolean;
  /** Thinking blocks of another model are refused, and those of another conversation. */
  readonly bindsThinking: boolean;
  readonly outputTokensMax: number;
  readonly contextTokens: number;
}

/** The models on offer; each also under a dated name. */
export const MODEL_IDS = [
  'claude-fable-5-1',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-fable-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-1',
  'claude-sonnet-4-0',
  'claude-3-7-sonnet',
  'claude-3-5-sonnet',
  'claude-3-haiku',
] as const;

/** Finds a model by its name, with or without a date at its end. */
export function findModel(name: string): SimulatedModel | undefined {
  const id = MODEL_IDS.find((known) => name === known || name.replace(/-20\d{6}$/, '') === known);
  return id === undefined ? undefined : { ...rulesOf(id), id: name };
}

function rulesOf(id: string): Omit<SimulatedModel, 'id'> {
  const version = versionOf(id);
  const isFable = id.includes('fable');
  const isNewest = (version >= 5.5 && !id.includes('haiku')) || id === 'claude-fable-5-1';
  return {
    thinking:
      isNewest || isFable
        ? 'always'
        : version < 3.7
          ? 'none'
          : version < 4.6
            ? 'budget'
            : version < 4.7
              ? 'both'
              : 'adaptive',
    thinksByDefault: version >= 5,
    takesBetweenTools: id === 'claude-sonnet-5-5',
    takesSampling: version < 4.7,
    takesTemperatureWithTopP: version < 4,
    takesForcedTools: !isNewest && !isFable,
    takesPrefill: version < 4.6,
    takesFormat: version >= 4.5 || id === 'claude-opus-4-1',
    takesEffort: version >= 4.6,
    bindsThinking: version > 5,
    outputTokensMax: version < 3.5 ? 4_096 : version < 3.7 ? 8_192 : version < 4.6 ? 64_000 : 128_000,
    contextTokens: version < 4.6 ? 200_000 : 1_000_000,
  };
}

function versionOf(id: string): number {
  const [, major, minor] = /(\d+)(?:-(\d))?(?:-|$)/.exec(id) ?? [];
  return Number(`${major}.${minor ?? 0}`);
}
