import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { ARK_ERROR_RULES } from './ark-errors.js';
import { arkVideo } from './ark-video.js';
import { SEEDREAM } from './seedream.js';

/** https://www.volcengine.com/docs/82379. A model is a model id or an endpoint id (`ep-…`). */
export const volcengine = compatibleProvider({
  id: 'volcengine',
  name: 'Volcengine Ark (Doubao)',
  baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
  environment: { apiKey: ['ARK_API_KEY'], baseUrl: ['ARK_BASE_URL'] },
  defaultModels: [
    'doubao-seed-2-0-pro',
    'doubao-seed-2-0-lite',
    'doubao-seedream-4-5-251128',
    'doubao-seedance-2-0-260128',
    'doubao-seedance-2-0-fast-260128',
  ],
  // Of the two names only this one covers reasoning, which is what a cap of the hub is for.
  chat: { outputCap: { name: 'max_completion_tokens', isOtherNameTaken: true } },
  embeddings: {},
  images: SEEDREAM,
  video: arkVideo,
  errors: ARK_ERROR_RULES,
});
