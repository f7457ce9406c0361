import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { ZHIPU_ERROR_RULES } from './zhipu-errors.js';
import { zhipuVideo } from './zhipu-video.js';

/** https://docs.bigmodel.cn. Set ZHIPU_BASE_URL to https://api.z.ai/api/paas/v4 for the international site. */
export const zhipu = compatibleProvider({
  id: 'zhipu',
  name: 'Zhipu (GLM)',
  baseUrl: 'https://open.bigmodel.cn/api/paas/v4',
  environment: { apiKey: ['ZHIPU_API_KEY', 'ZAI_API_KEY'], baseUrl: ['ZHIPU_BASE_URL', 'ZAI_BASE_URL'] },
  defaultModels: ['glm-5.1', 'glm-5', 'glm-4.7', 'cogvideox-3'],
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
  video: zhipuVideo,
  errors: ZHIPU_ERROR_RULES,
});
