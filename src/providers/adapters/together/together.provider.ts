import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.together.ai */
export const together = compatibleProvider({
  id: 'together',
  name: 'Together AI',
  baseUrl: 'https://api.together.xyz/v1',
  environment: { apiKey: ['TOGETHER_API_KEY'], baseUrl: ['TOGETHER_BASE_URL'] },
  defaultModels: ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 'openai/gpt-oss-120b'],
  chat: { outputCap: { name: 'max_tokens', isOtherNameTaken: false } },
  embeddings: {},
  images: {
    base64Name: 'base64',
    refusal: ({ size }) =>
      size === undefined || size === null
        ? undefined
        : { param: 'size', message: 'Together takes no "size"; send "width" and "height" in pixels instead.' },
  },
  completions: {},
  // Together answers 403 when prompt and max_tokens do not fit the model.
  errors: { statuses: { 403: 'context_length' } },
});
