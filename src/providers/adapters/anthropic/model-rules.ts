/**
 * How a model thinks and how it is told to:
 * - `none`: it cannot;
 * - `budget`: by `thinking.budget_tokens`, off unless asked;
 * - `adaptive`: by `thinking.type: adaptive` and `output_config.effort`;
 * - `always`: whatever it is told, and it refuses to be told on or off; `output_config.effort` says how much.
 */
export type Thinking = 'none' | 'budget' | 'adaptive' | 'always';

/** What a model takes of the Messages API. */
export interface ModelRules {
  readonly thinking: Thinking;
  /** An adaptive model that thinks unless told not to. */
  readonly thinksByDefault: boolean;
  /** `thinking.type: between_tools`, the nearest to no thinking that some models have that always think. */
  readonly hasBetweenTools: boolean;
  /** The words of `output_config.effort`, from little to much. */
  readonly efforts: readonly string[];
  /** `temperature` other than 1, `top_p` other than 1, `top_k`. */
  readonly hasSampling: boolean;
  /** `temperature` and `top_p` in one request. */
  readonly hasBothSamplings: boolean;
  /** `tool_choice` of `any` or of one tool. */
  readonly canForceTools: boolean;
  /** `output_config.format` and `strict` tools. */
  readonly hasFormat: boolean;
  /**
   * A thought that comes back is valid only behind the very prompt it was thought behind; newer accounts are refused otherwise, unless
   * they ask that such thoughts be dropped. https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
   */
  readonly bindsThoughts: boolean;
  /** Goes on from an assistant turn at the end. */
  readonly canPrefill: boolean;
  /** More is refused; undefined where nobody knows. */
  readonly outputTokensMax: number | undefined;
  /** The cap, which the API wants, where neither caller nor hub has one. */
  readonly outputTokensDefault: number;
}

const NEWEST: ModelRules = {
  thinking: 'always',
  thinksByDefault: true,
  hasBetweenTools: false,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  hasSampling: false,
  hasBothSamplings: false,
  canForceTools: false,
  hasFormat: true,
  bindsThoughts: true,
  canPrefill: false,
  outputTokensMax: 128_000,
  outputTokensDefault: 128_000,
};
const FIVE: ModelRules = { ...NEWEST, thinking: 'adaptive', canForceTools: true, bindsThoughts: false };
const FOUR_SEVEN: ModelRules = { ...FIVE, thinksByDefault: false };
const FOUR_SIX: ModelRules = { ...FOUR_SEVEN, efforts: ['low', 'medium', 'high', 'max'], hasSampling: true };
// A prompt and a cap that exceed the window together are refused before 4.5; hence the caution of what is older.
const FOUR_FIVE: ModelRules = {
  ...FOUR_SIX,
  thinking: 'budget',
  efforts: [],
  canPrefill: true,
  outputTokensMax: 64_000,
  outputTokensDefault: 64_000,
};
const FOUR: ModelRules = { ...FOUR_FIVE, hasFormat: false, outputTokensDefault: 16_000 };
const OPUS_FOUR: ModelRules = { ...FOUR, outputTokensMax: 32_000 };
const THREE_SEVEN: ModelRules = { ...FOUR, hasBothSamplings: true };
const THREE_FIVE: ModelRules = {
  ...THREE_SEVEN,
  thinking: 'none',
  outputTokensMax: 8_192,
  outputTokensDefault: 8_192,
};
const THREE: ModelRules = { ...THREE_FIVE, outputTokensMax: 4_096, outputTokensDefault: 4_096 };

/** Servers that speak this format for models of their own: nothing is known, so little is assumed. */
const OTHERS: ModelRules = {
  ...FOUR,
  thinksByDefault: false,
  hasBothSamplings: true,
  canPrefill: false,
  outputTokensMax: undefined,
  outputTokensDefault: 8_192,
};

/**
 * By name, first match. https://platform.claude.com/docs/en/about-claude/models/migration-guide and the pages "what's new" of each
 * version, as of 2026-11; caps from the models overview.
 */
const RULES: readonly (readonly [name: RegExp, rules: ModelRules])[] = [
  [/claude-sonnet-5[.-]5/, { ...NEWEST, hasBetweenTools: true }],
  [/claude-haiku-5[.-]5/, { ...FIVE, bindsThoughts: true }],
  [/claude-opus-5[.-]5|claude-(?:fable|mythos)-5[.-][1-9](?!\d)/, NEWEST],
  // These two always think, and a thinking model cannot be forced.
  [/claude-(?:fable|mythos)-/, { ...FIVE, thinking: 'always', canForceTools: false }],
  [/claude-(?:opus|sonnet|haiku)-5(?:$|-20|@|-v\d|:)/, FIVE],
  [/claude-(?:opus|sonnet|haiku)-4[.-][78]/, FOUR_SEVEN],
  [/claude-(?:opus|sonnet|haiku)-4[.-]6/, FOUR_SIX],
  [/claude-(?:opus|sonnet|haiku)-4[.-]5/, FOUR_FIVE],
  [/claude-opus-4[.-]1(?!\d)/, { ...OPUS_FOUR, hasFormat: true }],
  [/claude-opus-4/, { ...OPUS_FOUR, hasBothSamplings: true }],
  [/claude-(?:sonnet|haiku)-4/, { ...FOUR, hasBothSamplings: true }],
  [/claude-3[.-]7/, THREE_SEVEN],
  [/claude-3[.-]5/, THREE_FIVE],
  [/claude-(?:3|2|instant)/, THREE],
  // A name yet to come: the newest refuse the most, and what they take all others are likely to take.
  [/claude/, { ...NEWEST, bindsThoughts: false }],
];

const known = new Map<string, ModelRules>();
/** Names come from the operator's channels, but a request should not be able to fill the memory either. */
const KNOWN_MAX = 1_000;

/** The rules of an upstream model. */
export function rulesOf(model: string): ModelRules {
  const remembered = known.get(model);
  if (remembered !== undefined) return remembered;
  const rules = RULES.find(([name]) => name.test(model))?.[1] ?? OTHERS;
  if (known.size < KNOWN_MAX) known.set(model, rules);
  return rules;
}
