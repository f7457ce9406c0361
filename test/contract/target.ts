import type { ChatRequest } from '../../src/providers/canonical/chat.js';
import type { Target } from '../../src/providers/provider.js';
import { validateChat } from '../../src/relay/validate-chat.js';
import { type Dialect, OPENAI_DIALECT } from './dialect.js';
import type { Expected } from './fixtures-of.js';

/** The route of the tests of a dialect, or of one of its recordings. */
export function targetOf(dialect: Dialect, expected: Expected = {}): Target {
  return { upstreamModel: expected.upstreamModel ?? dialect.upstreamModel, publicModel: 'public-1' };
}

/** The route of contract tests of the OpenAI format. */
export const target: Target = targetOf(OPENAI_DIALECT);

/** What a recorded answer was asked by, as far as a reader may want to know. */
export function askedFor(expected: Expected): ChatRequest {
  const body = { model: 'public-1', messages: [{ role: 'user', content: 'Hello' }], ...expected.asked };
  return validateChat(Buffer.from(JSON.stringify(body)));
}

/** What was asked where nothing depends on it. */
export const asked = askedFor({});
