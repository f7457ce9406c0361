import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { openAiVideo } from '../openai-compatible/openai-video.js';
import { soraModelOf } from '../openai-compatible/openai-video-models.js';
import type { OutputCap } from '../openai-compatible/vendor.js';
import { responsesChat } from '../openai-responses/responses-chat.js';
import { OPENAI_ERRORS } from '../openai-responses/responses-errors.js';
import { chooseChat } from './choose-chat.js';
import { needsResponses } from './needs-responses.js';
import { fieldsRefusedBy, isReasoning } from './thinking-models.js';

const REASONING_CAP: OutputCap = { name: 'max_completion_tokens', isOtherNameTaken: false };
const CAP: OutputCap = { name: 'max_completion_tokens', isOtherNameTaken: true };

/** https://platform.openai.com/docs/api-reference. Chat goes to /chat/completions, but for what only /responses serves. */
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
    'gpt-4o-transcribe',
    'whisper-1',
    'tts-1',
    'omni-moderation-latest',
  ],
  hasModelList: true,
  chat: {
    outputCap: (model) => (isReasoning(model) ? REASONING_CAP : CAP),
    refusedFields: (model, body) => fieldsRefusedBy(model, body['reasoning_effort']),
    // What the other endpoint gave for itself.
    refusedMessageFields: new Set(['reasoning_details']),
  },
  wrapChat: (chat) => chooseChat(chat, responsesChat, needsResponses),
  embeddings: { inputsMax: 2048, hasBase64: true, hasTokenInput: true },
  images: { refusesResponseFormat: (model) => /^(?:gpt-image-|chatgpt-image-)/.test(model) },
  imageEditsPath: '/images/edits',
  completions: {},
  moderations: {},
  transcriptions: { hasTranslations: true, hasEvents: true },
  speech: { hasEvents: true },
  video: openAiVideo({
    defaultModel: 'sora-2',
    modelOf: soraModelOf,
    errorRules: OPENAI_ERRORS,
    // No model of it is among the defaults.
    note: 'OpenAI closed this service on 2026-09-24 and answers `model_not_found`. The format lives on at other servers.',
  }),
  errors: OPENAI_ERRORS,
});
