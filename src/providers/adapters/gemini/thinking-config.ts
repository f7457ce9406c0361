import type { WireObject } from '../openai-compatible/wire.js';
import { type ThinkingLevel, type ThinkingRule, thinkingOf } from './gemini-models.js';
import { unsupported } from './refusals.js';

/** Efforts as OpenAI's clients name them, and the level that is meant. */
const LEVELS: Readonly<Record<string, ThinkingLevel>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};
const LEVEL_ORDER: readonly ThinkingLevel[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];
/** As Google's own endpoint in OpenAI's format has them: https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };

/**
 * What a model is told about thinking. Summaries are always asked for where the model thinks: they cost nothing, and without them
 * a stream is silent until the thinking is over.
 * @param dropped takes the name of the effort when there is no way to tell it, or thinking cannot be switched off.
 */
export function toThinkingConfig(effort: unknown, model: string, dropped: Set<string>): WireObject | undefined {
  const rule = thinkingOf(model);
  if (effort === undefined || effort === null) {
    const isSilent = rule.by === 'nothing' || (rule.by === 'budget' && !rule.isOnByDefault);
    return isSilent ? undefined : { includeThoughts: true };
  }
  if (typeof effort !== 'string' || !Object.hasOwn(LEVELS, effort)) {
    throw unsupported('reasoning_effort', `This model does not know the "reasoning_effort" ${JSON.stringify(effort)}.`);
  }
  switch (rule.by) {
    case 'nothing':
      if (effort !== 'none') dropped.add('reasoning_effort');
      return undefined;
    case 'level':
      if (effort === 'none') dropped.add('reasoning_effort');
      return { thinkingLevel: levelOf(effort, rule.levels), includeThoughts: true };
    case 'budget':
      return budgetOf(effort, rule, dropped);
  }
}

/** The level itself, or the next higher one that the model has. */
function levelOf(effort: string, levels: readonly ThinkingLevel[]): ThinkingLevel | undefined {
  const wanted = LEVEL_ORDER.indexOf(LEVELS[effort] ?? 'HIGH');
  return levels.find((level) => LEVEL_ORDER.indexOf(level) >= wanted) ?? levels.at(-1);
}

function budgetOf(effort: string, rule: Extract<ThinkingRule, { by: 'budget' }>, dropped: Set<string>): WireObject {
  if (effort === 'none') {
    if (rule.canBeOff) return { thinkingBudget: 0 };
    dropped.add('reasoning_effort');
    return { thinkingBudget: rule.min, includeThoughts: true };
  }
  return { thinkingBudget: Math.min(rule.max, BUDGETS[effort] ?? rule.max), includeThoughts: true };
}
