import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { type ErrorRules, UNVERIFIED } from '../openai-compatible/error-rules.js';
import { openAiVideo } from '../openai-compatible/openai-video.js';
import { soraModelOf } from '../openai-compatible/openai-video-models.js';
import type { BodyValue, OutputCap } from '../openai-compatible/vendor.js';

const SAMPLING = ['temperature', 'top_p', 'logprobs', 'top_logprobs'];
const REASONING_REFUSES = [...SAMPLING, 'presence_penalty', 'frequency_penalty', 'logit_bias'];
const REASONING_WITHOUT_EFFORT_REFUSES = REASONING_REFUSES.filter((name) => !SAMPLING.includes(name));
const REFUSES_STOP = [...REASONING_REFUSES, 'stop'];
const SEARCH_REFUSES = ['temperature'];
const NOTHING: readonly string[] = [];

const REASONING_CAP: OutputCap = { name: 'max_completion_tokens', isOtherNameTaken: false };
const CAP: OutputCap = { name: 'max_completion_tokens', isOtherNameTaken: true };

/** o1, o3, … and gpt-5 and later, but not their chat variants. */
function isReasoning(model: string): boolean {
  if (/^o\d/.test(model)) return true;
  const generation = /^gpt-(\d+)/.exec(model)?.[1];
  return generation !== undefined && Number(generation) >= 5 && !model.includes('-chat');
}

/** From gpt-5.1 on, sampling options are taken when reasoning is switched off. */
function takesSamplingWithoutEffort(model: string): boolean {
  return /^gpt-(?:5\.[1-9]|[6-9]|\d{2})/.test(model);
}

function refusedFields(model: string, body: BodyValue): readonly string[] {
  if (model.startsWith('gpt-4o-search-preview')) return SEARCH_REFUSES;
  if (!isReasoning(model)) return NOTHING;
  if (body['reasoning_effort'] === 'none' && takesSamplingWithoutEffort(model)) return REASONING_WITHOUT_EFFORT_REFUSES;
  return /^o(?:3|4-mini)/.test(model) ? REFUSES_STOP : REASONING_REFUSES;
}

const ERRORS: ErrorRules = {
  codes: { request_forbidden: 'credential', unsupported_country_region_territory: 'credential' },
  texts: [UNVERIFIED],
  hasResetDurations: true,
};

/** https://platform.openai.com/docs/api-reference */
export const openai = compatibleProvider({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  environment: { apiKey: ['OPENAI_API_KEY'], baseUrl: ['OPENAI_BASE_URL'] },
  defaultModels: [
    'gpt-6-astra',
    'gpt-6.1-sol',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-4o',
    'gpt-4o-mini',
    'text-embedding-3-small',
    'text-embedding-3-large',
    'gpt-image-2',
  ],
  hasModelList: true,
  chat: { outputCap: (model) => (isReasoning(model) ? REASONING_CAP : CAP), refusedFields },
  embeddings: { inputsMax: 2048, hasBase64: true, hasTokenInput: true },
  images: { refusesResponseFormat: (model) => /^(?:gpt-image-|chatgpt-image-)/.test(model) },
  imageEditsPath: '/images/edits',
  video: openAiVideo({
    defaultModel: 'sora-2',
    modelOf: soraModelOf,
    errorRules: ERRORS,
    // No model of it is among the defaults.
    note: 'OpenAI closed this service on 2026-09-24 and answers `model_not_found`. The format lives on at other servers.',
  }),
  errors: ERRORS,
});
