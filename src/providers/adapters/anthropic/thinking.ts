import { isObject } from '../../../common/is-object.js';
import type { ModelRules } from './model-rules.js';

/** How much a model is to think, as JSON texts. */
export interface ThinkingPlan {
  readonly thinking: string | undefined;
  readonly effort: string | undefined;
  /** The model will think, which rules out most sampling options. */
  readonly thinks: boolean;
  /** Thoughts of earlier turns cannot be sent along. */
  readonly withoutThoughts?: boolean;
  /** The vendor's beta that `thinking` needs. */
  readonly beta?: string;
}

/** What else of a request bears on thinking. */
export interface Circumstances {
  /** A tool call is forced, which goes with no thinking. */
  readonly isForced: boolean;
  /** The answer is to go on from a beginning, which goes with no thinking either. */
  readonly isPrefilled: boolean;
  /** The last assistant turn called a tool, and its thought is lost. */
  readonly isThoughtLost: boolean;
  /** Thoughts of earlier turns are sent along. */
  readonly hasThoughts: boolean;
  readonly outputTokensMax: number;
}

const ADAPTIVE = '{"type":"adaptive"}';
const OFF = '{"type":"disabled"}';
/** A caller that shortens its history would be refused otherwise; what the model thought behind the old one is dropped instead. */
const UNBOUND = '{"type":"adaptive","block_binding":{"prefix_mismatch_behavior":"drop_block"}}';
const BINDING_BETA = 'thinking-binding-controls-2026-08-01';
const BUDGET_TOKENS_MIN = 1_024;
/** About what each word means at OpenAI, in tokens. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: BUDGET_TOKENS_MIN,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};
const WORDS = ['low', 'medium', 'high', 'xhigh', 'max'];
const NOTHING: ThinkingPlan = { thinking: undefined, effort: undefined, thinks: false };

/**
 * Says `reasoning_effort` in the words of the model's generation. `thinking`, in the vendor's own words, goes through as it is.
 * @param dropped takes `reasoning_effort` when the model cannot do as told.
 */
export function planThinking(
  body: Readonly<Record<string, unknown>>,
  rules: ModelRules,
  circumstances: Circumstances,
  dropped: Set<string>,
): ThinkingPlan {
  const { thinking, reasoning_effort: effort } = body;
  const word = typeof effort === 'string' ? effort : undefined;
  if (isObject(thinking)) {
    const thinks = thinking['type'] !== 'disabled' || rules.thinking === 'always';
    const beta = thinking['block_binding'] === undefined ? undefined : BINDING_BETA;
    return { thinking: JSON.stringify(thinking), effort: effortOf(word, rules), thinks, beta };
  }
  const isKnown = word === undefined || word === 'none' || Object.hasOwn(BUDGETS, word);
  if (!isKnown || (rules.thinking === 'none' && word !== undefined && word !== 'none')) dropped.add('reasoning_effort');
  const plan = planFor(word, rules, circumstances, dropped);
  if (!rules.bindsThoughts || !circumstances.hasThoughts) return plan;
  const isAdaptive = plan.thinks && (plan.thinking === undefined || plan.thinking === ADAPTIVE);
  return isAdaptive ? { ...plan, thinking: UNBOUND, beta: BINDING_BETA } : { ...plan, withoutThoughts: true };
}

function planFor(
  word: string | undefined,
  rules: ModelRules,
  circumstances: Circumstances,
  dropped: Set<string>,
): ThinkingPlan {
  switch (rules.thinking) {
    case 'none':
      return NOTHING;
    case 'budget':
      return planBudget(word, circumstances, dropped);
    case 'adaptive':
      return planAdaptive(word, rules, circumstances);
    case 'always':
      return planAlways(word, rules, dropped);
  }
}

function planBudget(word: string | undefined, circumstances: Circumstances, dropped: Set<string>): ThinkingPlan {
  const wanted = word === undefined ? undefined : BUDGETS[word];
  if (wanted === undefined) return NOTHING;
  const { isForced, isPrefilled, isThoughtLost, outputTokensMax } = circumstances;
  // Half of the cap at most is thought away; the API wants the cap above the budget.
  const budget = Math.min(wanted, Math.floor(outputTokensMax / 2));
  if (isForced || isPrefilled || isThoughtLost || budget < BUDGET_TOKENS_MIN) {
    dropped.add('reasoning_effort');
    return NOTHING;
  }
  return { thinking: `{"type":"enabled","budget_tokens":${budget}}`, effort: undefined, thinks: true };
}

function planAdaptive(word: string | undefined, rules: ModelRules, { isForced }: Circumstances): ThinkingPlan {
  const effort = effortOf(word, rules);
  if (isForced || word === 'none') {
    if (!rules.thinksByDefault && word !== 'none') return { ...NOTHING, effort };
    // Much effort without thinking is refused.
    return {
      thinking: OFF,
      effort: effortOf(word === 'xhigh' || word === 'max' ? 'high' : word, rules),
      thinks: false,
    };
  }
  if (effort === undefined) return { ...NOTHING, thinks: rules.thinksByDefault };
  return { thinking: ADAPTIVE, effort, thinks: true };
}

function planAlways(word: string | undefined, rules: ModelRules, dropped: Set<string>): ThinkingPlan {
  if (word !== 'none') return { thinking: undefined, effort: effortOf(word, rules), thinks: true };
  if (rules.hasBetweenTools) return { thinking: '{"type":"between_tools"}', effort: undefined, thinks: true };
  dropped.add('reasoning_effort');
  return { thinking: undefined, effort: effortOf('low', rules), thinks: true };
}

/** The model's word for an effort: its own, or the nearest below. */
function effortOf(word: string | undefined, rules: ModelRules): string | undefined {
  const wanted = WORDS.indexOf(word === 'minimal' ? 'low' : (word ?? ''));
  if (wanted === -1) return undefined;
  return rules.efforts.findLast((effort) => WORDS.indexOf(effort) <= wanted);
}
