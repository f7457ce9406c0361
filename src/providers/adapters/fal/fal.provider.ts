import { defineProvider } from '../../define-provider.js';
import { toFalError } from './fal-errors.js';
import { falImages } from './fal-images.js';
import { falVideo } from './fal-video.js';

/** https://fal.ai/docs. The key is id and secret, joined by a colon. */
export const fal = defineProvider({
  id: 'fal',
  name: 'fal',
  baseUrl: 'https://queue.fal.run',
  environment: { apiKey: ['FAL_KEY', 'FAL_API_KEY'], baseUrl: ['FAL_BASE_URL'] },
  defaultModels: ['fal-ai/vidu/q3/text-to-video', 'fal-ai/vidu/q3/image-to-video', 'fal-ai/flux/dev'],
  auth: (credential) => ({ authorization: `Key ${credential}` }),
  imageTasks: falImages,
  video: falVideo,
  toError: toFalError,
});
