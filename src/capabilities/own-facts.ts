import type { ModelCapabilities } from '../channels/model-routing.js';

/** What we know besides the package, with where it was read and when. */
export interface OwnFact {
  /** Names as `modelKeys` spells them, or a pattern over them. */
  readonly models: readonly string[] | RegExp;
  /** True only where one of these providers serves the model: others keep serving what its maker has ended. */
  readonly providers?: readonly string[];
  readonly facts: ModelCapabilities;
  readonly source: string;
  /** Month of reading, as `2026-11`. */
  readonly asOf: string;
}

const OPENAI_ENDS = { source: 'developers.openai.com/api/docs/deprecations', asOf: '2026-11' };
const GOOGLE_ENDS = { source: 'ai.google.dev/gemini-api/docs/deprecations', asOf: '2026-11' };
const OPENAI = ['openai', 'openai-responses'];
const GOOGLE = ['gemini'];
const GPT_IMAGE_SIZES = ['auto', '1024x1024', '1536x1024', '1024x1536'];
const OPENAI_PICTURES = { source: 'developers.openai.com/api/reference/images', asOf: '2026-11' };
const OPENAI_SCHEMAS = { source: 'developers.openai.com/api/docs/guides/structured-outputs', asOf: '2026-11' };

/** Announced ends: name, day. Those that have passed stay, so that a channel that still declares such a model shows why it fails. */
const ENDS: readonly (readonly [day: string, models: readonly string[]])[] = [
  ['2026-05-12', ['dall-e-2', 'dall-e-3']],
  [
    '2026-10-23',
    ['gpt-3-5-turbo', 'gpt-4', 'gpt-4-turbo', 'gpt-4-1-nano', 'o1', 'o1-pro', 'o3-mini', 'o4-mini', 'gpt-image-1'],
  ],
  ['2026-12-01', ['gpt-image-1-mini', 'gpt-image-1-5', 'chatgpt-image-latest']],
  ['2026-12-11', ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'o3']],
  ['2027-01-14', ['gpt-4o', 'gpt-4o-mini', 'gpt-4-1', 'gpt-4-1-mini']],
  ['2027-02-26', ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'gpt-4o-transcribe-diarize']],
  ['2027-04-01', ['gpt-5-1']],
];

/** Later facts stand over earlier ones, field by field. */
export const OWN_FACTS: readonly OwnFact[] = [
  ...ENDS.map(([retiresOn, models]) => ({ models, providers: OPENAI, facts: { retiresOn }, ...OPENAI_ENDS })),
  {
    models: ['gemini-2-5-pro', 'gemini-2-5-flash'],
    providers: GOOGLE,
    facts: { retiresOn: '2026-12-01' },
    ...GOOGLE_ENDS,
  },
  { models: ['dall-e-2'], facts: { imageSizes: ['256x256', '512x512', '1024x1024'] }, ...OPENAI_PICTURES },
  { models: ['dall-e-3'], facts: { imageSizes: ['1024x1024', '1792x1024', '1024x1792'] }, ...OPENAI_PICTURES },
  // gpt-image-2 and later take any size within bounds, so that no list can be made of them.
  { models: /^gpt-image-1(-mini|-5)?$/, facts: { imageSizes: GPT_IMAGE_SIZES }, ...OPENAI_PICTURES },
  {
    models: /^(gpt-4o(-mini)?|gpt-4-1(-mini|-nano)?|o[134](-mini|-pro)?|gpt-[56].*)$/,
    facts: { jsonSchema: true },
    ...OPENAI_SCHEMAS,
  },
  { models: /^(gpt-3-5-turbo|gpt-4|gpt-4-turbo|o1-mini|o1-preview)$/, facts: { jsonSchema: false }, ...OPENAI_SCHEMAS },
  {
    models: /^gemini-[23]/,
    facts: { jsonSchema: true },
    source: 'ai.google.dev/gemini-api/docs/structured-output',
    asOf: '2026-11',
  },
  {
    models: /^claude-(opus-4-1|(opus|sonnet|haiku)-4-[5-9]|(opus|sonnet|haiku|fable|mythos)-[5-9])/,
    facts: { jsonSchema: true },
    source: 'platform.claude.com/docs/en/build-with-claude/structured-outputs',
    asOf: '2026-11',
  },
  {
    models: /^gpt-6-[12]-sol$/,
    facts: { contextTokens: 1_050_000, outputTokensMax: 128_000, tools: true, vision: true, reasoning: true },
    source: 'developers.openai.com/api/docs/models/gpt-6.1-sol',
    asOf: '2026-11',
  },
  {
    models: /^gpt-6-1-terra$/,
    facts: { tools: true, reasoning: true },
    source: 'developers.openai.com/api/docs/guides/deployment-checklist',
    asOf: '2026-11',
  },
  {
    models: /^claude-(?:sonnet|haiku)-5-5$/,
    facts: {
      contextTokens: 1_000_000,
      outputTokensMax: 128_000,
      tools: true,
      vision: true,
      reasoning: true,
      fileInput: true,
    },
    source: 'platform.claude.com/docs/en/models/haiku-5-5/overview',
    asOf: '2026-11',
  },
  {
    models: /^deepseek-/,
    providers: ['deepseek'],
    facts: { jsonSchema: false },
    source: 'api-docs.deepseek.com',
    asOf: '2026-11',
  },
];
