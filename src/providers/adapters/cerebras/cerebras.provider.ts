import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://inference-docs.cerebras.ai */
export const cerebras = compatibleProvider({
  id: 'cerebras',
  name: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  environment: { apiKey: ['CEREBRAS_API_KEY'], baseUrl: ['CEREBRAS_BASE_URL'] },
  defaultModels: ['gpt-oss-120b', 'llama-3.3-70b'],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_completion_tokens', isOtherNameTaken: true },
    refusedFields: ['frequency_penalty', 'presence_penalty', 'logit_bias'],
  },
});
