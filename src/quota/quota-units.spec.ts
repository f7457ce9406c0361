import { exactQuota, quotaInUnits } from './quota-units.js';

const UNIT = 1_000_000n;
const figures = (credits: bigint, debits = 0n, used = debits, pending = 0n) => ({
  creditsPosted: credits,
  debitsPosted: debits,
  usedPosted: used,
  debitsPending: pending,
});

describe('quota in units', () => {
  // [credits, debits, used, pending] in nano-credits, then [total, used, remaining, held] in units.
  it.each<[string, bigint[], bigint[]]>([
    ['nothing', [0n, 0n, 0n, 0n], [0n, 0n, 0n, 0n]],
    ['the document', [10_000n * UNIT, 3_500n * UNIT, 3_500n * UNIT, 0n], [10_000n, 3_500n, 6_500n, 0n]],
    ['a first fraction used', [10n * UNIT, 1n, 1n, 0n], [10n, 1n, 9n, 0n]],
    ['a last fraction left', [10n * UNIT, 10n * UNIT - 1n, 10n * UNIT - 1n, 0n], [10n, 10n, 0n, 0n]],
    ['a hold, which is still remaining', [10n * UNIT, 0n, 0n, 1n], [10n, 0n, 10n, 1n]],
    ['a refund of 2 after 5 used', [12n * UNIT, 5n * UNIT, 3n * UNIT, 0n], [10n, 3n, 7n, 0n]],
    ['an adjustment of -4, which is not use', [10n * UNIT, 4n * UNIT, 0n, 0n], [6n, 0n, 6n, 0n]],
    ['more refunded than used', [10n * UNIT + 1n, 0n, -1n, 0n], [10n, 0n, 10n, 0n]],
    ['far above 2^53', [2n ** 63n - 1n, 0n, 0n, 0n], [9_223_372_036_854n, 0n, 9_223_372_036_854n, 0n]],
  ])('%s', (_what, [credits = 0n, debits, used, pending], [total, inUse, remaining, held]) => {
    const units = quotaInUnits(figures(credits, debits, used, pending));
    expect(units).toEqual({ total, used: inUse, remaining, held });
    expect(units.total).toBe(units.used + units.remaining);
  });
});

describe('exact quota', () => {
  it('adds up to the last nano-credit', () => {
    expect(exactQuota(figures(9_007_199_254_740_993n, 7n, 5n, 3n))).toEqual({
      total: 9_007_199_254_740_991n,
      used: 5n,
      remaining: 9_007_199_254_740_986n,
      held: 3n,
    });
  });
});
