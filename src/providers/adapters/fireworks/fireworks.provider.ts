import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.fireworks.ai. Model ids look like `accounts/fireworks/models/…`. */
export const fireworks = compatibleProvider({
  id: 'fireworks',
  name: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  environment: { apiKey: ['FIREWORKS_API_KEY'], baseUrl: ['FIREWORKS_BASE_URL'] },
  defaultModels: ['accounts/fireworks/models/gpt-oss-120b', 'accounts/fireworks/models/llama-v3p3-70b-instruct'],
  hasModelList: true,
  chat: {},
  embeddings: {},
  completions: {},
});
