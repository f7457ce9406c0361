import { sandboxProvider } from '../../../src/providers/adapters/sandbox/sandbox-provider.js';
import { VENDORS } from '../../../src/providers/vendors.js';
import { fixturesOf, goldenRequestsOf } from '../fixtures-of.js';
import { describeRerank } from './describe-rerank.js';

const isRanking = ({ expected }: { expected: { ranking?: unknown } }): boolean => expected.ranking !== undefined;

describe('rerank', () => {
  // Whose format the others without a recording share.
  const shared = fixturesOf('jina').files.filter(isRanking);
  for (const provider of [...VENDORS, sandboxProvider('http://127.0.0.1:1')]) {
    if (provider.rerank === undefined) continue;
    describe(provider.id, () => {
      const own = fixturesOf(provider.id).files.filter(isRanking);
      const requests = goldenRequestsOf(provider.id, 'rerank-requests.json');
      describeRerank(provider, { answers: own.length > 0 ? own : shared, requests });
    });
  }
});
