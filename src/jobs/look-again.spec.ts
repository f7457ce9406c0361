import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterNoAnswerMs, afterTroubleMs, lookAgainMs } from './look-again.js';

const MIDDLE = (): number => 0.5;

describe('lookAgainMs', () => {
  it('begins after five seconds and grows to fifteen', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 1000].map((looks) => lookAgainMs({ looks }, {}, 60_000, MIDDLE));
    expect(pauses).toEqual([5000, 6250, 7813, 9766, 12207, 15000, 15000]);
  });

  it('goes by what the provider declares', () => {
    const operation = { statusEveryMs: { first: 1000, max: 2000 } };
    expect([0, 100].map((looks) => lookAgainMs({ looks }, operation, 60_000, MIDDLE))).toEqual([1000, 2000]);
  });

  it('stays within a tenth of the operator’s own bound', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 20, max: 60_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (looks, msMax, random) => {
          const ms = lookAgainMs({ looks }, {}, msMax, () => random);
          expect(ms).toBeGreaterThan(0);
          expect(ms).toBeLessThanOrEqual(Math.round(msMax * 1.1));
        },
      ),
    );
  });

  it('does not keep together what began together', () => {
    expect(lookAgainMs({ looks: 0 }, {}, 60_000, () => 0)).toBe(4500);
    expect(lookAgainMs({ looks: 0 }, {}, 60_000, () => 0.999)).toBe(5499);
  });
});

describe('afterNoAnswerMs', () => {
  it('is twice the usual pause, for a young job as for an old one', () => {
    const pauses = [0, 7, 8, 100].map((looks) => afterNoAnswerMs({ looks }, {}, 15_000, MIDDLE));
    expect(pauses).toEqual([10_000, 30_000, 30_000, 30_000]);
  });

  it('is as long as the upstream asks, five minutes at most', () => {
    expect(afterNoAnswerMs({ looks: 0 }, {}, 15_000, MIDDLE, 60_000)).toBe(60_000);
    expect(afterNoAnswerMs({ looks: 0 }, {}, 15_000, MIDDLE, 86_400_000)).toBe(300_000);
  });
});

describe('afterTroubleMs', () => {
  it('doubles, up to four times the bound for looks', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 99].map((times) => afterTroubleMs(times, 15_000, MIDDLE));
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('waits as long as the upstream asks, five minutes at most', () => {
    expect(afterTroubleMs(0, 15_000, MIDDLE, 90_000)).toBe(90_000);
    expect(afterTroubleMs(0, 15_000, MIDDLE, 1)).toBe(2000);
    expect(afterTroubleMs(0, 15_000, MIDDLE, 86_400_000)).toBe(300_000);
  });

  it('takes a count below zero for the first', () => {
    expect(afterTroubleMs(-1, 15_000, MIDDLE)).toBe(2000);
  });
});
