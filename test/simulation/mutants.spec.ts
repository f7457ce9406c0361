import { ALL_MUTATIONS, hunt } from './mutants.js';
import { MUTATIONS } from './mutations.js';

const SEEDS_MAX = 5_000;

const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

// The simulation itself on trial: a guard whose absence it does not see is not tested by it.
describe.each(ALL_MUTATIONS.map((mutation) => ({ mutation, title: MUTATIONS[mutation] })))(
  'the simulation without: $title',
  ({ mutation }) => {
    it('fails', async () => {
      const { failure } = await hunt(mutation, SEEDS_MAX);
      expect(failure?.finding).toEqual(expect.any(String));
    }, 120_000);
  },
);
