import { defineProvider } from '../../define-provider.js';
import { toJimengError } from './jimeng-errors.js';
import { jimengPictures } from './jimeng-pictures.js';
import { jimengVideo } from './jimeng-video.js';
import { checkKeys, signForVolcengine } from './volcengine-signature.js';

/** Jimeng by Volcengine's visual API: https://www.volcengine.com/docs/85621. The credential is `ACCESS_KEY:SECRET_KEY`. */
export const jimeng = defineProvider({
  id: 'jimeng',
  name: 'Jimeng (Volcengine)',
  baseUrl: 'https://visual.volcengineapi.com',
  // Nothing of the credential is sent but what is signed with it.
  auth: () => ({}),
  sign: signForVolcengine,
  secretsOf: (credential) => credential.split(':'),
  checkCredential: checkKeys,
  environment: {
    apiKey: ['JIMENG_API_KEY'],
    apiKeyPair: ['JIMENG_ACCESS_KEY', 'JIMENG_SECRET_KEY'],
    baseUrl: ['JIMENG_BASE_URL'],
  },
  defaultModels: ['jimeng-video-3.0', 'jimeng-video-3.0-pro', 'jimeng_t2i_v40'],
  video: jimengVideo,
  imageTasks: jimengPictures,
  toError: toJimengError,
});
