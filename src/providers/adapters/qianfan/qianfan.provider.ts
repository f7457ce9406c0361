import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://cloud.baidu.com/doc/qianfan-api, version 2. The older host with access tokens in the query is not supported. */
export const qianfan = compatibleProvider({
  id: 'qianfan',
  name: 'Baidu Qianfan',
  baseUrl: 'https://qianfan.baidubce.com/v2',
  environment: { apiKey: ['QIANFAN_API_KEY'], baseUrl: ['QIANFAN_BASE_URL'] },
  defaultModels: ['ernie-5.0', 'ernie-4.5-turbo-128k'],
  chat: {},
  embeddings: {},
  errors: {
    codes: {
      malformed_json: 'invalid_request',
      invalid_model: 'model_missing',
      invalid_messages: 'invalid_request',
      characters_too_long: 'context_length',
      tokens_too_long: 'context_length',
      invalid_iam_token: 'credential',
      rpm_rate_limit_exceeded: 'rate_limited',
      tpm_rate_limit_exceeded: 'rate_limited',
      internal_error: 'overloaded',
      dispatch_internal_error: 'overloaded',
    },
  },
});
