import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { rerankOperation } from '../openai-compatible/rerank.js';
import { fromCohereBody } from './cohere-answer.js';
import { EMBEDDINGS_MAX, fromCohereEmbeddings, toCohereEmbeddings } from './cohere-embeddings.js';
import { COHERE_ERRORS, toCohereError } from './cohere-errors.js';
import { COHERE_MODEL_LIST } from './cohere-model-list.js';
import { toCohereBody } from './cohere-request.js';
import { CohereChatStream } from './cohere-stream.js';

/** Cohere in its own format: https://docs.cohere.com/reference/about */
export const cohere = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com',
  auth: bearerToken,
  environment: { apiKey: ['COHERE_API_KEY', 'CO_API_KEY'], baseUrl: ['COHERE_BASE_URL'] },
  defaultModels: [
    'command-a-03-2025',
    'command-a-reasoning-08-2025',
    'command-a-vision-07-2025',
    'embed-v4.0',
    'rerank-v3.5',
  ],
  chat: {
    path: '/v2/chat',
    toBody: toCohereBody,
    fromBody: fromCohereBody,
    openStream: (_target, request) => new CohereChatStream(request),
  },
  embeddings: {
    path: '/v2/embed',
    inputsMax: EMBEDDINGS_MAX,
    toBody: toCohereEmbeddings,
    fromBody: fromCohereEmbeddings,
  },
  rerank: rerankOperation({ path: '/v2/rerank' }, COHERE_ERRORS),
  modelList: COHERE_MODEL_LIST,
  toError: toCohereError,
});
