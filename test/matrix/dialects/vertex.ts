import { startGeminiSimulator } from '../../simulators/gemini.js';
import type { DialectUpstream } from '../dialect-upstream.js';
import { UPSTREAM as GEMINI, toUpstream } from './gemini.js';

/** Gemini on Vertex AI: other paths, tokens that are bought, and no ids of calls. */
export const UPSTREAM: DialectUpstream = {
  ...GEMINI,
  provider: 'vertex',
  start: async () => toUpstream(await startGeminiSimulator({ isVertex: true })),
};
