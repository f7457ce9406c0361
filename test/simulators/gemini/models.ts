/** What a simulated model takes. */
export interface ModelRules {
  readonly generation: number;
  readonly thinks: boolean;
  /** Thinking levels it takes; none where it goes by budget. */
  readonly levels: readonly string[];
  readonly budget?: { readonly min: number; readonly max: number; readonly canBeOff: boolean };
  /** Several candidates in a whole answer. */
  readonly hasCandidates: boolean;
  /** It goes on from a model turn at the end of the contents. */
  readonly takesPrefill: boolean;
  /** Sizes of pictures; undefined for a model that makes none. An empty list: it makes them, in one size. */
  readonly imageSizes?: readonly string[];
  /** Thought signatures of function calls are checked. */
  readonly checksSignatures: boolean;
  readonly embeds: boolean;
}

const PLAIN: ModelRules = {
  generation: 2,
  thinks: false,
  levels: [],
  hasCandidates: true,
  takesPrefill: true,
  checksSignatures: false,
  embeds: false,
};
const THREE: ModelRules = {
  ...PLAIN,
  generation: 3,
  thinks: true,
  levels: ['LOW', 'MEDIUM', 'HIGH'],
  hasCandidates: false,
  takesPrefill: false,
  checksSignatures: true,
};
const FLASH_BUDGET = { min: 1, max: 24_576, canBeOff: true };

const MODELS: readonly (readonly [name: string, rules: ModelRules])[] = [
  ['gemini-3.8-flash', THREE],
  ['gemini-3.5-flash', { ...THREE, levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] }],
  ['gemini-3.5-flash-lite', { ...THREE, levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] }],
  ['gemini-3.1-pro-preview', { ...THREE, takesPrefill: true }],
  ['gemini-3-flash-preview', { ...THREE, levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'], takesPrefill: true }],
  ['gemini-2.5-pro', { ...PLAIN, thinks: true, budget: { min: 128, max: 32_768, canBeOff: false } }],
  ['gemini-2.5-flash', { ...PLAIN, thinks: true, budget: FLASH_BUDGET }],
  ['gemini-2.5-flash-lite', { ...PLAIN, thinks: true, budget: { ...FLASH_BUDGET, min: 512 } }],
  ['gemini-2.0-flash', PLAIN],
  ['gemini-2.5-flash-image', { ...PLAIN, imageSizes: [] }],
  ['gemini-3.1-flash-image', { ...THREE, thinks: false, levels: [], imageSizes: ['1K', '2K', '4K'] }],
  ['gemini-3-pro-image', { ...THREE, thinks: false, levels: [], imageSizes: ['1K', '2K', '4K'] }],
  ['gemini-embedding-001', { ...PLAIN, embeds: true }],
  ['gemini-embedding-2', { ...PLAIN, embeds: true }],
];

/** Every model of the simulator. */
export const MODEL_NAMES: readonly string[] = MODELS.map(([name]) => name);

/** What a model takes; of one that is not listed, what a plain one does. */
export function rulesOf(model: string): ModelRules {
  return MODELS.find(([name]) => name === model)?.[1] ?? PLAIN;
}
