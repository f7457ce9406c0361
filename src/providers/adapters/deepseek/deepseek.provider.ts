import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://api-docs.deepseek.com */
export const deepseek = compatibleProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  environment: { apiKey: ['DEEPSEEK_API_KEY'], baseUrl: ['DEEPSEEK_BASE_URL'] },
  defaultModels: ['deepseek-flash', 'deepseek-v4-pro'],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: false },
    refusedFields: ['seed', 'top_k'],
    // Chat prefix completion is a beta with an address of its own: https://api-docs.deepseek.com/guides/chat_prefix_completion
    prefill: { isTaken: () => true, mark: 'prefix', path: '/beta/chat/completions' },
    refusal: ({ response_format: format }) =>
      typeof format === 'object' && format !== null && 'type' in format && format.type === 'json_schema'
        ? {
            param: 'response_format',
            message:
              'DeepSeek models take no JSON schema; use {"type":"json_object"} and describe the shape in the prompt.',
          }
        : undefined,
  },
  errors: { texts: [[/insufficient balance/i, 'out_of_money']] },
});
