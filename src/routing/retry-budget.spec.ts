import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.js';

function setUp() {
  let nowMs = 0;
  const budget = new RetryBudget(() => nowMs);
  return {
    budget,
    pass: (ms: number) => {
      nowMs += ms;
    },
    request: (times = 1) => {
      for (let i = 0; i < times; i++) budget.noteRequest();
    },
    retries: (times: number, isSound = false) => Array.from({ length: times }, () => budget.mayRetry(isSound)),
  };
}

describe('RetryBudget', () => {
  it('allows three retries in any ten seconds', () => {
    const { retries, pass, request } = setUp();
    request();
    expect(retries(4)).toEqual([true, true, true, false]);
    pass(9_900);
    expect(retries(1)).toEqual([false]);
    pass(400);
    expect(retries(4)).toEqual([true, true, true, false]);
  });

  it('allows a fifth of the requests, less those three, where that is more', () => {
    const { retries, request } = setUp();
    request(100);
    expect(retries(25).filter((isAllowed) => isAllowed)).toHaveLength(17);
  });

  it('always allows a retry where nothing has failed, and counts it', () => {
    const { retries, request } = setUp();
    request(50);
    expect(retries(30, true)).toEqual(Array.from({ length: 30 }, () => true));
    expect(retries(1)).toEqual([false]);
  });

  it('whatever happens while everything fails: attempts are at most 1.2 times the requests of ten seconds, or three more', () => {
    const step = fc.record({ passMs: fc.integer({ min: 0, max: 2000 }), requests: fc.integer({ min: 0, max: 30 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const { budget, pass, request } = setUp();
        let nowMs = 0;
        const made: { readonly atMs: number; readonly isRetry: boolean }[] = [];
        for (const { passMs, requests: count } of steps) {
          pass(passMs);
          nowMs += passMs;
          for (let i = 0; i < count; i++) {
            request();
            made.push({ atMs: nowMs, isRetry: false });
            // Each asks again as often as it may.
            for (let again = 0; again < 5 && budget.mayRetry(false); again++) made.push({ atMs: nowMs, isRetry: true });
          }
        }
        // With each retry, of the ten seconds before it; the window forgets in parts of a sixth of a second.
        for (const [index, { atMs, isRetry }] of made.entries()) {
          if (!isRetry) continue;
          const before = made.slice(0, index + 1);
          const retries = before.filter((one) => one.isRetry && one.atMs > atMs - 10_000).length;
          const requests = before.filter((one) => !one.isRetry && one.atMs > atMs - 10_200).length;
          expect(retries).toBeLessThanOrEqual(Math.max(3, requests * 0.2));
        }
      }),
    );
  });
});
