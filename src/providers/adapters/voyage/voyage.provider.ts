import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/**
 * Voyage AI, https://docs.voyageai.com/reference/embeddings-api: OpenAI's format but for some names. What texts are for goes through as
 * `input_type` (`query` or `document`). Keys made at MongoDB want the base URL `https://ai.mongodb.com/v1`.
 */
export const voyage = compatibleProvider({
  id: 'voyage',
  name: 'Voyage AI',
  baseUrl: 'https://api.voyageai.com/v1',
  environment: { apiKey: ['VOYAGE_API_KEY'], baseUrl: ['VOYAGE_BASE_URL'] },
  defaultModels: ['voyage-4-large', 'voyage-4', 'voyage-4-lite', 'voyage-code-3', 'rerank-2.5', 'rerank-2.5-lite'],
  embeddings: {
    // 1,000 are taken, but of the largest models no more than 120,000 tokens together: 900 for each of so many.
    inputsMax: 128,
    renamedFields: { dimensions: 'output_dimension' },
    refusedFields: ['user'],
    // A text that is too long is refused, as by OpenAI, and not cut unless the caller says so.
    addedFields: { truncation: 'false' },
  },
  rerank: {
    documentsMax: 1000,
    renamedFields: { top_n: 'top_k' },
    addedFields: { truncation: 'false' },
  },
  errors: {
    texts: [
      [/^model .{1,100} is not supported/i, 'model_missing'],
      [/max allowed tokens per submitted batch|too many tokens/i, 'context_length'],
      [/is not supported by our API/i, 'unsupported_option'],
    ],
    statuses: { 403: 'credential' },
  },
});
