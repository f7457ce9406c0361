import { defineProvider } from '../../define-provider.js';
import { toViduError } from './vidu-errors.js';
import { viduImages } from './vidu-images.js';
import { viduVideo } from './vidu-video.js';

/** https://platform.vidu.com/docs. Set VIDU_BASE_URL to https://api.vidu.cn for mainland China. */
export const vidu = defineProvider({
  id: 'vidu',
  name: 'Vidu',
  baseUrl: 'https://api.vidu.com',
  environment: { apiKey: ['VIDU_API_KEY'], baseUrl: ['VIDU_BASE_URL'] },
  defaultModels: ['viduq3-pro', 'viduq3-turbo', 'viduq2', 'viduq2-pro'],
  auth: (credential) => ({ authorization: `Token ${credential}` }),
  video: viduVideo,
  imageTasks: viduImages,
  toError: toViduError,
});
