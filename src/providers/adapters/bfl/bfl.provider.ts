import { defineProvider } from '../../define-provider.js';
import { toBflError } from './bfl-errors.js';
import { bflImages } from './bfl-images.js';

/** Black Forest Labs: https://docs.bfl.ai. Set BFL_BASE_URL to https://api.eu.bfl.ai/v1 or https://api.us.bfl.ai/v1 for a region. */
export const bfl = defineProvider({
  id: 'bfl',
  name: 'Black Forest Labs (FLUX)',
  baseUrl: 'https://api.bfl.ai/v1',
  environment: { apiKey: ['BFL_API_KEY'], baseUrl: ['BFL_BASE_URL'] },
  defaultModels: ['flux-2-pro', 'flux-pro-1.1', 'flux-kontext-pro'],
  auth: (credential) => ({ 'x-key': credential }),
  imageTasks: bflImages,
  toError: toBflError,
});
