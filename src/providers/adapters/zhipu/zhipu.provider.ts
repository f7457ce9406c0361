import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.bigmodel.cn. Set ZHIPU_BASE_URL to https://api.z.ai/api/paas/v4 for the international site. */
export const zhipu = compatibleProvider({
  id: 'zhipu',
  name: 'Zhipu (GLM)',
  baseUrl: 'https://open.bigmodel.cn/api/paas/v4',
  environment: { apiKey: ['ZHIPU_API_KEY', 'ZAI_API_KEY'], baseUrl: ['ZHIPU_BASE_URL', 'ZAI_BASE_URL'] },
  defaultModels: ['glm-5.1', 'glm-5', 'glm-4.7'],
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: false },
    refusal: ({ tool_choice: choice }) =>
      choice === undefined || choice === null || choice === 'auto' || choice === 'none'
        ? undefined
        : {
            param: 'tool_choice',
            message: 'GLM models choose tools themselves; "tool_choice" may only be "auto" or "none".',
          },
    adjust: (body, edits) => {
      // Without tools no tool is called, which is all that "none" asks for.
      if (body['tool_choice'] === 'none') {
        edits['tool_choice'] = undefined;
        edits['tools'] = undefined;
      }
      if (body['temperature'] === 0) {
        edits['temperature'] = undefined;
        edits['do_sample'] = 'false';
      }
    },
  },
  embeddings: {},
  images: { refusesResponseFormat: () => true, canGiveSeveral: false },
  errors: {
    codes: {
      1000: 'credential',
      1001: 'credential',
      1002: 'credential',
      1003: 'credential',
      1004: 'credential',
      1005: 'credential',
      1113: 'out_of_money',
      1210: 'invalid_request',
      1211: 'model_missing',
      1214: 'invalid_request',
      1261: 'context_length',
      1301: 'content_refused',
      1302: 'rate_limited',
      1303: 'rate_limited',
      1305: 'rate_limited',
      1308: 'out_of_money',
      1310: 'out_of_money',
    },
  },
});
