import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { toLumaError } from './luma-answer.js';
import { LUMA_ERRORS } from './luma-generation.js';
import { lumaImages } from './luma-images.js';
import { lumaVideo } from './luma-video.js';

/** Luma Agents, https://docs.agents.lumalabs.ai. Keys of Dream Machine, the older API, are of no use here. */
export const luma = defineProvider({
  id: 'luma',
  name: 'Luma',
  baseUrl: 'https://agents.lumalabs.ai/v1',
  environment: { apiKey: ['LUMA_AGENTS_API_KEY'], baseUrl: ['LUMA_AGENTS_BASE_URL'] },
  defaultModels: ['ray-3.2', 'uni-1', 'uni-1-max'],
  auth: bearerToken,
  video: lumaVideo,
  imageTasks: lumaImages,
  toError: (failure) => toLumaError(failure, LUMA_ERRORS),
});
