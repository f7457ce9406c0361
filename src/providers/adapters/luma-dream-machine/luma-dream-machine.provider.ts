import { defineProvider } from '../../define-provider.js';
import { toLumaError } from '../luma/luma-answer.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { DREAM_MACHINE_ERRORS, dreamMachineVideo } from './dream-machine-video.js';

/** Luma's older API with keys of its own, https://docs.lumalabs.ai. */
export const lumaDreamMachine = defineProvider({
  id: 'luma-dream-machine',
  name: 'Luma Dream Machine',
  baseUrl: 'https://api.lumalabs.ai/dream-machine/v1',
  environment: { apiKey: ['LUMAAI_API_KEY'], baseUrl: ['LUMAAI_BASE_URL'] },
  defaultModels: ['ray-2', 'ray-flash-2'],
  auth: bearerToken,
  video: dreamMachineVideo,
  toError: (failure) => toLumaError(failure, DREAM_MACHINE_ERRORS),
});
