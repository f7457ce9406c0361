import { defineProvider } from '../../define-provider.js';
import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { MINIMAX_ERROR_RULES, toMinimaxError } from './minimax-errors.js';
import { minimaxVideo } from './minimax-video.js';

/** https://platform.minimax.io/docs. Failures often come with status 200 and a code in `base_resp`. */
export const minimax = defineProvider({
  ...compatibleProvider({
    id: 'minimax',
    name: 'MiniMax',
    baseUrl: 'https://api.minimax.io/v1',
    environment: { apiKey: ['MINIMAX_API_KEY'], baseUrl: ['MINIMAX_BASE_URL'] },
    defaultModels: ['MiniMax-M3', 'MiniMax-M2.5', 'MiniMax-H3'],
    chat: {},
    video: minimaxVideo,
    errors: MINIMAX_ERROR_RULES,
  }),
  toError: toMinimaxError,
});
