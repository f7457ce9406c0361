import { sandboxProvider } from '../../../src/providers/adapters/sandbox/sandbox-provider.js';
import { VENDORS } from '../../../src/providers/vendors.js';
import { describeCompletions } from './describe-completions.js';
import { describeModerations } from './describe-moderations.js';
import { describePassedErrors } from './describe-passed-errors.js';
import { describeSpeech } from './describe-speech.js';
import { describeTranscriptions } from './describe-transcriptions.js';
import { passedFixturesOf } from './passed-fixtures.js';

const PROVIDERS = [...VENDORS, sandboxProvider('http://127.0.0.1:1')];
const SUITES = {
  completions: describeCompletions,
  moderations: describeModerations,
  transcriptions: describeTranscriptions,
  speech: describeSpeech,
} as const;

for (const operation of ['completions', 'moderations', 'transcriptions', 'speech'] as const) {
  describe(operation, () => {
    for (const provider of PROVIDERS) {
      if (provider[operation] === undefined) continue;
      describe(provider.id, () => SUITES[operation](provider, passedFixturesOf(provider.id, operation)));
    }
  });
}

// Requests and answers have a suite in test/contract/rerank.
describe('errors of rerank', () => {
  for (const provider of PROVIDERS) {
    const { errors } = passedFixturesOf(provider.id, 'rerank');
    if (provider.rerank === undefined || errors.length === 0) continue;
    describe(provider.id, () =>
      describePassedErrors(provider, errors, () => {
        throw new Error('These failures have a status.');
      }),
    );
  }
});
