/** A step of `thinkingLevel`, from the least to the most. */
export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

/**
 * How a model is told how much to think: generation 2.5 by a budget of tokens, later ones by a level, others not at all. The two
 * fields exclude each other.
 */
export type ThinkingRule =
  | { readonly by: 'level'; readonly levels: readonly ThinkingLevel[] }
  | {
      readonly by: 'budget';
      readonly min: number;
      readonly max: number;
      /** A budget of 0 switches thinking off. */
      readonly canBeOff: boolean;
      readonly isOnByDefault: boolean;
    }
  | { readonly by: 'nothing' };

/** Sizes of pictures a model makes: none by name means one size only. */
export interface PictureRule {
  readonly sizes: readonly PictureSize[];
}
export type PictureSize = '1K' | '2K' | '4K';

const FROM_LOW: readonly ThinkingLevel[] = ['LOW', 'MEDIUM', 'HIGH'];
const FROM_MINIMAL: readonly ThinkingLevel[] = ['MINIMAL', ...FROM_LOW];
const NOTHING: ThinkingRule = { by: 'nothing' };

/** By name, the first that fits: https://ai.google.dev/gemini-api/docs/thinking */
const THINKING: readonly (readonly [name: RegExp, rule: ThinkingRule])[] = [
  [/-(?:image|tts|live|audio|embedding)\b|native-audio|computer-use|^gemini-embedding/, NOTHING],
  [/^gemini-2\.5-pro/, { by: 'budget', min: 128, max: 32_768, canBeOff: false, isOnByDefault: true }],
  [/^gemini-2\.5-flash-lite/, { by: 'budget', min: 512, max: 24_576, canBeOff: true, isOnByDefault: false }],
  [/^gemini-2\.5-flash/, { by: 'budget', min: 1, max: 24_576, canBeOff: true, isOnByDefault: true }],
  [/^gemini-3-pro/, { by: 'level', levels: ['LOW', 'HIGH'] }],
  [/^gemini-3(?:\.[0-7])?-flash/, { by: 'level', levels: FROM_MINIMAL }],
  // Of what is not known yet the least is asked: each of these has the three.
  [/^gemini-(?:[3-9]|\d{2})|^gemini-(?:flash|pro|flash-lite)-latest/, { by: 'level', levels: FROM_LOW }],
];

/** How the model is told how much to think. */
export function thinkingOf(model: string): ThinkingRule {
  return THINKING.find(([name]) => name.test(model))?.[1] ?? NOTHING;
}

/**
 * True for models that refuse a function call of their own without its thought signature: generation 3 and later.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function checksSignatures(model: string): boolean {
  return /^gemini-(?:[3-9]|\d{2})|^gemini-(?:flash|pro|flash-lite)-latest/.test(model);
}

/**
 * True for models that go on from a model turn at the end of the contents. Up to 3.1 they do, word for word; later ones answer
 * 400 "Requests ending with a model turn are not supported." (seen from 3.5 on, September 2026).
 */
export function goesOn(model: string): boolean {
  return /^gemini-(?:2\.|3-|3\.1-)/.test(model);
}

/** True for models that give several candidates in a whole answer, or a schema beside tools only if they cannot: generation 2. */
export function isGenerationTwo(model: string): boolean {
  return /^gemini-2\./.test(model);
}

/** Which pictures a model makes; undefined for one that makes none. */
export function picturesOf(model: string): PictureRule | undefined {
  if (!/-image\b/.test(model)) return undefined;
  return { sizes: isGenerationTwo(model) ? [] : ['1K', '2K', '4K'] };
}

/** `/models/x:method` below the base URL; names with a collection of their own, such as `tunedModels/x`, keep it. */
export function pathTo(upstreamModel: string, method: string): string {
  const [collection, ...rest] = upstreamModel.split('/');
  const isWhole = rest.length > 0 && (collection === 'models' || collection === 'tunedModels');
  const name = isWhole
    ? upstreamModel.split('/').map(encodeURIComponent).join('/')
    : `models/${encodeURIComponent(upstreamModel)}`;
  return `/${name}:${method}`;
}

/** The name of a model without its collection. */
export function bareName(upstreamModel: string): string {
  return upstreamModel.startsWith('models/') ? upstreamModel.slice('models/'.length) : upstreamModel;
}

/**
 * The model that has answered, when it is another than was asked: after a model's retirement its requests go to a successor in
 * silence, and are billed as that. A dated or numbered version of the same name, and what an alias stands for, are no news.
 */
export function otherModel(upstreamModel: string, modelVersion: unknown): string | undefined {
  if (typeof modelVersion !== 'string' || modelVersion === '') return undefined;
  const asked = bareName(upstreamModel);
  const served = bareName(modelVersion);
  if (served === asked || asked.endsWith('-latest')) return undefined;
  const isVersion = served.startsWith(asked) && /^-(?:\d|preview|exp)/.test(served.slice(asked.length));
  return isVersion ? undefined : served;
}
