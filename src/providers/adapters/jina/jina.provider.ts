import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/**
 * Jina AI, https://jina.ai/embeddings: OpenAI's format, with `task` (such as `retrieval.query`), `late_chunking`, `normalized` and
 * `truncate` besides.
 */
export const jina = compatibleProvider({
  id: 'jina',
  name: 'Jina AI',
  baseUrl: 'https://api.jina.ai/v1',
  environment: { apiKey: ['JINA_API_KEY'], baseUrl: ['JINA_BASE_URL'] },
  defaultModels: ['jina-embeddings-v4', 'jina-embeddings-v3', 'jina-reranker-v3'],
  embeddings: {
    // No bound is documented; of what clients send at once, the most.
    inputsMax: 512,
    refusedFields: ['user'],
  },
  // The texts come back by default.
  rerank: { addedFields: { return_documents: 'false' } },
  errors: {
    texts: [
      [/balance not enough|insufficient (?:account )?balance/i, 'out_of_money'],
      [/exceeds maximum length/i, 'context_length'],
      [/^model .{1,100} (?:is )?not found/i, 'model_missing'],
    ],
    statuses: { 403: 'credential' },
  },
});
