import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://platform.minimax.io/docs. Failures often come with status 200 and a code in `base_resp`. */
export const minimax = compatibleProvider({
  id: 'minimax',
  name: 'MiniMax',
  baseUrl: 'https://api.minimax.io/v1',
  environment: { apiKey: ['MINIMAX_API_KEY'], baseUrl: ['MINIMAX_BASE_URL'] },
  defaultModels: ['MiniMax-M3', 'MiniMax-M2.5'],
  chat: {},
  errors: {
    codes: {
      1000: 'overloaded',
      1001: 'overloaded',
      1002: 'rate_limited',
      1004: 'credential',
      1008: 'out_of_money',
      1024: 'overloaded',
      1026: 'content_refused',
      1027: 'content_refused',
      1033: 'overloaded',
      1039: 'rate_limited',
      2013: 'invalid_request',
      2049: 'credential',
    },
  },
});
