import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { checkKlingKey } from './kling-auth.js';
import { toKlingError } from './kling-errors.js';
import { klingImages } from './kling-images.js';
import { klingVideo } from './kling-video.js';

/**
 * https://app.klingai.com/global/dev/document-api. Set KLING_BASE_URL to https://api-beijing.klingai.com for mainland China.
 * The credential is an API key, or access key and secret key joined by a colon.
 */
export const kling = defineProvider({
  id: 'kling',
  name: 'Kling',
  baseUrl: 'https://api-singapore.klingai.com',
  environment: {
    apiKey: ['KLING_API_KEY'],
    apiKeyPair: ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'],
    baseUrl: ['KLING_BASE_URL'],
  },
  defaultModels: ['kling-v2-6', 'kling-v2-5-turbo', 'kling-v3', 'kling-3.0', 'kling-3.0-turbo', 'kling-v2-1'],
  // A pair never leaves the hub as it is: tasks are asked for with a token signed by it.
  auth: (credential) => (credential.includes(':') ? {} : bearerToken(credential)),
  secretsOf: (credential) => credential.split(':'),
  checkCredential: checkKlingKey,
  imageTasks: klingImages,
  video: klingVideo,
  toError: toKlingError,
});
