import type { Target } from '../../src/providers/provider.js';
import { validateChat } from '../../src/relay/validate-chat.js';

/** The route of every contract test. */
export const target: Target = { upstreamModel: 'vendor/model-1', publicModel: 'public-1' };

/** What the recorded answers were asked by, as far as a reader may want to know. */
export const asked = validateChat(
  Buffer.from(JSON.stringify({ model: 'public-1', messages: [{ role: 'user', content: 'Hello' }] })),
);
