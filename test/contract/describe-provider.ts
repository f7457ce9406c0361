import type { Provider } from '../../src/providers/provider.js';
import { describeErrors } from './describe-errors.js';
import { describeRequests } from './describe-requests.js';
import { describeResponses } from './describe-responses.js';
import { describeStreams } from './describe-streams.js';
import type { Fixtures } from './fixtures-of.js';

/** The promises that every provider keeps, checked against its recordings. */
export function describeProvider(provider: Provider, fixtures: Fixtures): void {
  describe(provider.id, () => {
    describeRequests(provider);
    describeResponses(provider, fixtures);
    describeStreams(provider, fixtures);
    describeErrors(provider, fixtures);
  });
}
