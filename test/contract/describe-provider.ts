import type { Provider } from '../../src/providers/provider.js';
import { describeErrors } from './describe-errors.js';
import { describeGoldenRequests } from './describe-golden-requests.js';
import { describePassedRequests } from './describe-passed-requests.js';
import { describeRequests } from './describe-requests.js';
import { describeResponses } from './describe-responses.js';
import { describeStreams } from './describe-streams.js';
import { type Dialect, OPENAI_DIALECT } from './dialect.js';
import type { Fixtures } from './fixtures-of.js';

/**
 * The promises that every provider keeps, checked against its recordings.
 *
 * A provider whose upstream speaks another format than OpenAI's makes the same promises. Four things differ, and only these:
 * - its recordings are in its own format: whole answers `*.json`, streams `*.sse`, `*.ndjson`, or `*.aws` (a JSON list of frames, each
 *   `{"event", "payload"}`, `{"exception", "payload"}` or `{"error", "message"}`, which the suite encodes); their meaning in `expect.json` and `errors.json` is not;
 * - `requests.json` has golden requests: what a caller asks, and the body, the left-out options and the headers it becomes;
 * - an entry of `expect.json` may say what was asked (`asked`, members of the caller's body) where reading depends on it, and of which
 *   upstream model (`upstreamModel`);
 * - its {@link Dialect} says how the suite finds its way in that format: where a finish reason is, what to take out for an answer
 *   without usage, and the like. It goes into `dialects.ts` under the provider's id.
 */
export function describeProvider(provider: Provider, fixtures: Fixtures, dialect: Dialect = OPENAI_DIALECT): void {
  describe(provider.id, () => {
    if (dialect.isPassedThrough) describePassedRequests(provider);
    else describeGoldenRequests(provider, fixtures, dialect);
    describeRequests(provider, dialect);
    describeResponses(provider, fixtures, dialect);
    describeStreams(provider, fixtures, dialect);
    describeErrors(provider, fixtures, dialect);
  });
}
