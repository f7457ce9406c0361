import { sandboxProvider } from '../../../src/providers/adapters/sandbox/sandbox-provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { VENDORS } from '../../../src/providers/vendors.js';
import { describeErrors } from '../describe-errors.js';
import { dialectOf } from '../dialects.js';
import { fixturesOf, goldenRequestsOf } from '../fixtures-of.js';
import { describeEmbeddings, type EmbeddingsFixtures } from './describe-embeddings.js';

function embeddingsFixturesOf({ id }: Provider): EmbeddingsFixtures {
  const own = fixturesOf(id).files.filter(({ expected }) => expected.vectors !== undefined);
  const answers = own.length > 0 ? own : fixturesOf('openai').files.filter(({ expected }) => expected.vectors);
  return { answers, requests: goldenRequestsOf(id, 'embeddings-requests.json') };
}

describe('embeddings', () => {
  for (const provider of [...VENDORS, sandboxProvider('http://127.0.0.1:1')]) {
    if (provider.embeddings === undefined) continue;
    describe(provider.id, () => {
      describeEmbeddings(provider, embeddingsFixturesOf(provider));
      // Of one that chats the suite of chats reads the errors.
      if (provider.chat === undefined) describeErrors(provider, fixturesOf(provider.id), dialectOf(provider.id));
    });
  }
});
