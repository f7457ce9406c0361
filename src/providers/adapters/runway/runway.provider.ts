import { defineProvider } from '../../define-provider.js';
import { toRunwayError } from './runway-errors.js';
import { runwayImages } from './runway-images.js';
import { runwayVideo } from './runway-video.js';

/** The version of the API that this is written for; Runway refuses requests that name none. */
const VERSION = '2024-11-06';

/** https://docs.dev.runwayml.com. */
export const runway = defineProvider({
  id: 'runway',
  name: 'Runway',
  baseUrl: 'https://api.dev.runwayml.com',
  environment: { apiKey: ['RUNWAYML_API_SECRET'], baseUrl: ['RUNWAYML_BASE_URL'] },
  defaultModels: ['gen4.5', 'gen4_turbo', 'veo3.1', 'veo3.1_fast', 'seedance2'],
  auth: (credential) => ({ authorization: `Bearer ${credential}`, 'x-runway-version': VERSION }),
  video: runwayVideo,
  imageTasks: runwayImages,
  toError: toRunwayError,
});
