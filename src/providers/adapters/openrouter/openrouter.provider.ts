import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://openrouter.ai/docs. The numeric `code` of an error is an HTTP status. */
export const openrouter = compatibleProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  environment: { apiKey: ['OPENROUTER_API_KEY'], baseUrl: ['OPENROUTER_BASE_URL'] },
  defaultModels: ['openrouter/auto', 'openai/gpt-6-sol', 'deepseek/deepseek-v4-pro'],
  chat: {},
  embeddings: { hasBase64: true },
  errors: {
    // 403 is moderation here, 401 the credential.
    statuses: { 403: 'content_refused' },
  },
});
