import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { MODEL_LIST } from '../openai-compatible/model-list.js';
import { responsesChat } from './responses-chat.js';
import { toResponsesError } from './responses-errors.js';

/**
 * Any server of OpenAI's Responses format: https://platform.openai.com/docs/api-reference/responses. OpenAI itself is the provider
 * `openai`, which sends there what it has to.
 */
export const openaiResponses = defineProvider({
  id: 'openai-responses',
  name: 'OpenAI Responses (any server)',
  auth: bearerToken,
  isCredentialRequired: false,
  defaultModels: [],
  chat: responsesChat,
  modelList: MODEL_LIST,
  toError: toResponsesError,
});
