import { defineProvider } from '../../define-provider.js';
import { toPixverseError } from './pixverse-errors.js';
import { signPixverse } from './pixverse-sign.js';
import { pixverseVideo } from './pixverse-video.js';

/** https://docs.platform.pixverse.ai. Set PIXVERSE_BASE_URL to https://app-api.pixverseai.cn for mainland China. */
export const pixverse = defineProvider({
  id: 'pixverse',
  name: 'PixVerse',
  baseUrl: 'https://app-api.pixverse.ai',
  environment: { apiKey: ['PIXVERSE_API_KEY'], baseUrl: ['PIXVERSE_BASE_URL'] },
  defaultModels: ['pixverse-v6', 'pixverse-v5.6', 'pixverse-c1'],
  // Each request has an id of its own, and the key goes with it.
  auth: () => ({}),
  sign: signPixverse,
  video: pixverseVideo,
  toError: toPixverseError,
});
