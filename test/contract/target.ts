import type { Target } from '../../src/providers/provider.js';

/** The route of every contract test. */
export const target: Target = { upstreamModel: 'vendor/model-1', publicModel: 'public-1' };
