import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { toLumaError } from './luma-answer.js';
import { LUMA_ERRORS, lumaVideo } from './luma-video.js';

/** Luma Agents, https://docs.agents.lumalabs.ai. Keys of Dream Machine, the older API, are of no use here. */
export const luma = defineProvider({
  id: 'luma',
  name: 'Luma',
  baseUrl: 'https://agents.lumalabs.ai/v1',
  environment: { apiKey: ['LUMA_AGENTS_API_KEY'], baseUrl: ['LUMA_AGENTS_BASE_URL'] },
  defaultModels: ['ray-3.2'],
  auth: bearerToken,
  video: lumaVideo,
  toError: (failure) => toLumaError(failure, LUMA_ERRORS),
});
