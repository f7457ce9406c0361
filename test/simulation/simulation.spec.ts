import { coverageOf } from './coverage.js';
import { playSeeds } from './main.js';
import { REGRESSION_SEEDS } from './regression-seeds.js';
import { report } from './report.js';
import { formatSeed, simulate } from './simulate.js';

// Given to jest with --globals: how many seeds, and the first of them when a run is to be repeated.
const { simulationSeeds = 10_000, simulationFirst = Date.now() % 2 ** 31 } = globalThis as {
  simulationSeeds?: number;
  simulationFirst?: number;
};
const REPORTS_MAX = 3;

const { stackTraceLimit } = Error;
beforeAll(() => {
  // Failed calls are part of what is played, and their stacks cost more than the rest of them.
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** What was found in these seeds, as somebody needs it who reads the log of a run. */
async function reportOf(first: number, seeds: number): Promise<string> {
  const failures = await playSeeds(first, seeds);
  const reports: string[] = [];
  for (const failure of failures.slice(0, REPORTS_MAX)) reports.push(await report(failure));
  return reports.join('\n\n');
}

it.each(REGRESSION_SEEDS)('finds nothing in the seed that once found $found', async ({ seed }) => {
  expect(await reportOf(seed, 1)).toBe('');
});

it(`finds nothing in ${simulationSeeds} worlds from seed ${formatSeed(simulationFirst)}`, async () => {
  expect(await reportOf(simulationFirst, simulationSeeds)).toBe('');
}, 600_000);

// A failure that cannot be played again is of little use.
it('plays a seed the same way every time, to the microsecond', async () => {
  const play = async (seed: number) => {
    const lines: string[] = [];
    await simulate(seed, { trace: (line) => lines.push(line) });
    return lines;
  };
  for (let seed = 0; seed < 20; seed++) {
    const [first, second, silent] = [await play(seed), await play(seed), await simulate(seed)];
    expect(second).toEqual(first);
    expect(silent).toBeUndefined();
    expect(first.length).toBeGreaterThan(100);
  }
});

// What is never reached is not tested, however many seeds are played.
it('reaches every answer of the ledger and every kind of entry', async () => {
  const reached = await coverageOf(0, 400);
  expect([...reached].sort()).toEqual(
    [
      ...['done', 'running'].map((state) => `claim ${state}`),
      ...['adjust', 'grant', 'late', 'loss', 'redeem', 'refund', 'settle'].map((kind) => `entry ${kind}`),
      ...['open', 'released', 'settled', 'swept'].map((state) => `hold ${state}`),
      ...['account_not_active', 'balance_too_low', 'closed', 'extended', 'key_budget_too_low'].map(
        (answer) => `extend ${answer}`,
      ),
      ...['balance_too_low', 'posted', 'posted_before', 'ref_conflict'].map((answer) => `post ${answer}`),
      'redeem redeemed',
      ...['account_not_active', 'account_unknown', 'balance_too_low', 'claim_taken', 'closed_before'].map(
        (answer) => `reserve ${answer}`,
      ),
      ...['held', 'key_budget_too_low'].map((answer) => `reserve ${answer}`),
      ...['closed', 'closed_before', 'slow'].map((answer) => `settle ${answer}`),
      ...['closed', 'closed_before'].map((answer) => `settleSlow ${answer}`),
    ].sort(),
  );
});
