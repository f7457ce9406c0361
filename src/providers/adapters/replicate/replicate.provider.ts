import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { toReplicateError } from './replicate-errors.js';
import { replicateImages } from './replicate-images.js';
import { replicateVideo } from './replicate-video.js';

/** https://replicate.com/docs/reference/http. */
export const replicate = defineProvider({
  id: 'replicate',
  name: 'Replicate',
  baseUrl: 'https://api.replicate.com/v1',
  environment: { apiKey: ['REPLICATE_API_TOKEN', 'REPLICATE_API_KEY'], baseUrl: ['REPLICATE_BASE_URL'] },
  defaultModels: ['kwaivgi/kling-v2.5-turbo-pro', 'kwaivgi/kling-v2.6', 'black-forest-labs/flux-schnell'],
  auth: bearerToken,
  imageTasks: replicateImages,
  video: replicateVideo,
  toError: toReplicateError,
});
