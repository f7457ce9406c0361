import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { toStabilityError } from './stability-errors.js';
import { stabilityImages } from './stability-images.js';

/** https://platform.stability.ai/docs/api-reference */
export const stability = defineProvider({
  id: 'stability',
  name: 'Stability AI',
  baseUrl: 'https://api.stability.ai/v2beta',
  environment: { apiKey: ['STABILITY_API_KEY'], baseUrl: ['STABILITY_BASE_URL'] },
  defaultModels: ['stable-image-ultra', 'sd3.5-large'],
  auth: bearerToken,
  images: stabilityImages,
  toError: toStabilityError,
});
