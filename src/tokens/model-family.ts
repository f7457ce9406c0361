import type { EncodingName } from './encodings.js';

/** How the hub counts the tokens of a family of models. */
export interface ModelFamily {
  /** Matched against the model's name in lower case, without vendor prefixes such as `openai/` or `ft:`. */
  readonly pattern: RegExp;
  readonly encoding: EncodingName;
  /** Tokens of this family for 100 tokens of the encoding. 100 where the encoding is the model's own. */
  readonly percent: number;
  /** Tokens of a prompt that the vendor adds when the request has tools. */
  readonly toolPromptTokens: number;
  /** Where encoding and percentage come from. */
  readonly source: string;
}

const TIKTOKEN = 'openai/tiktoken, tiktoken/model.py';
const ASSUMED = 'No tokenizer is published for JavaScript; ';

/** The first that matches counts. Closed vocabularies are counted with o200k_base and a factor, and so are estimates. */
const FAMILIES: readonly ModelFamily[] = [
  {
    pattern: /^(gpt-4(?![.o\d])|gpt-3\.5|gpt-35|text-embedding-(ada|3)|davinci-002|babbage-002)/,
    encoding: 'cl100k_base',
    percent: 100,
    toolPromptTokens: 0,
    source: TIKTOKEN,
  },
  {
    pattern: /^(gpt-|chatgpt-|o\d|codex-|computer-use)/,
    encoding: 'o200k_base',
    percent: 100,
    toolPromptTokens: 0,
    source: `${TIKTOKEN}; gpt-oss by o200k_harmony, the same ranks; gpt-6 assumed`,
  },
  {
    pattern: /claude.*(opus-4-[7-9]|opus-4\.[7-9]|(opus|sonnet|haiku|fable)-[5-9])/,
    encoding: 'o200k_base',
    percent: 125,
    toolPromptTokens: 400,
    source: `${ASSUMED}15 to 35 % above o200k_base reported for the vocabulary of 2026, here about the middle`,
  },
  {
    pattern: /claude/,
    encoding: 'o200k_base',
    percent: 115,
    toolPromptTokens: 400,
    source: `${ASSUMED}the low end of the 15 to 35 % reported for Claude; 300 to 500 tokens of tool prompt`,
  },
  {
    pattern: /gemini|gemma|qwen|qwq|deepseek|kimi|moonshot|glm|doubao|hunyuan|ernie|minimax|step-|grok/,
    encoding: 'o200k_base',
    percent: 100,
    toolPromptTokens: 0,
    source: `${ASSUMED}vocabularies of 130,000 to 260,000 entries give about as many tokens as o200k_base`,
  },
  {
    pattern: /llama|mistral|mixtral|ministral|magistral|codestral|devstral|command|nova|phi-|sonar/,
    encoding: 'o200k_base',
    percent: 110,
    toolPromptTokens: 0,
    source: `${ASSUMED}smaller vocabularies cut text a little finer`,
  },
];

const UNKNOWN: ModelFamily = {
  pattern: /^/,
  encoding: 'o200k_base',
  percent: 100,
  toolPromptTokens: 0,
  source: 'Unknown name, counted as o200k_base',
};

const KNOWN_NAMES_MAX = 1000;
const byName = new Map<string, ModelFamily>();

/** The family of a model. Unknown names count as o200k_base. */
export function familyOf(model: string): ModelFamily {
  const known = byName.get(model);
  if (known !== undefined) return known;
  const name = bareName(model);
  const family = FAMILIES.find(({ pattern }) => pattern.test(name)) ?? UNKNOWN;
  // Names are the operator's, so few; callers cannot make it grow past the bound.
  if (byName.size >= KNOWN_NAMES_MAX) byName.clear();
  byName.set(model, family);
  return family;
}

/** The encoding that a model's tokens are counted with. */
export function encodingOf(model: string): EncodingName {
  return familyOf(model).encoding;
}

/** Tokens of the encoding as tokens of the family, rounded up. */
export function inFamily(tokens: number, family: ModelFamily): number {
  return family.percent === 100 ? tokens : Math.ceil((tokens * family.percent) / 100);
}

/** A model's name in lower case without what vendors put before it: `openai/gpt-4o`, `ft:gpt-4o:acme`. */
export function bareName(model: string): string {
  const name = model.toLowerCase();
  return name.slice(name.lastIndexOf('/') + 1).replace(/^ft:/, '');
}
