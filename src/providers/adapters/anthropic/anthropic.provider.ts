import { defineProvider } from '../../define-provider.js';
import type { AuthStyle } from '../../provider.js';
import { MODEL_LIST } from '../openai-compatible/model-list.js';
import { toAnthropicBody } from './chat-request.js';
import { fromAnthropicBody } from './chat-response.js';
import { AnthropicChatStream } from './chat-stream.js';
import { toAnthropicError } from './errors.js';
import { rulesOf } from './model-rules.js';

/** The version of the API, which every request names. */
const VERSION = '2023-06-01';

const apiKey: AuthStyle = (credential): Readonly<Record<string, string>> => ({
  'anthropic-version': VERSION,
  ...(credential !== '' && { 'x-api-key': credential }),
});

/** Anthropic's Messages API: https://docs.anthropic.com/en/api/messages */
export const anthropic = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  // Without /v1, as the vendor's own clients write it in ANTHROPIC_BASE_URL.
  baseUrl: 'https://api.anthropic.com',
  auth: apiKey,
  environment: { apiKey: ['ANTHROPIC_API_KEY'], baseUrl: ['ANTHROPIC_BASE_URL'] },
  defaultModels: [
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-5-5',
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-sonnet-4-6',
    'claude-haiku-4-5',
  ],
  chat: {
    path: '/v1/messages',
    speaks: () => 'anthropic',
    toBody: toAnthropicBody,
    fromBody: fromAnthropicBody,
    openStream: (target, request) => new AnthropicChatStream(target, request),
    tellsWhenBegun: true,
    canPrefill: (model) => rulesOf(model).canPrefill,
  },
  // One page holds more models than there are.
  modelList: { ...MODEL_LIST, path: '/v1/models?limit=1000' },
  toError: toAnthropicError,
});
