import { describe, expect, it } from '@jest/globals';
import type { LimitDecision } from './limit-decision.js';
import type { LimitSubject } from './limit-subject.js';
import { rateLimitExceeded } from './limits.errors.js';
import { RateLimiter } from './rate-limiter.js';

const MINUTE_MS = 60_000;

/** A limiter without Redis, at a time that the test moves. */
function setUp(startMs = 0, subjectsMax?: number) {
  let nowMs = startMs;
  const limiter = new RateLimiter(undefined, { now: () => nowMs, subjectsMax });
  return {
    acquire: (subjects: readonly LimitSubject[], tokens = 0) => limiter.acquire(subjects, tokens) as LimitDecision,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const key = (limits: Partial<LimitSubject>): LimitSubject => ({ scope: 'key', id: '1', ...limits });
const account = (limits: Partial<LimitSubject>): LimitSubject => ({ scope: 'account', id: '1', ...limits });
const model = (limits: Partial<LimitSubject>): LimitSubject => ({ scope: 'model', id: 'gpt-4', ...limits });

describe('RateLimiter', () => {
  it('lets everything in, at once and without headers, where nothing limits', () => {
    const { acquire } = setUp();
    for (const subjects of [[], [key({}), model({})]]) {
      const decision = acquire(subjects, 1e9);
      expect(decision).toMatchObject({ isAllowed: true, headers: {} });
      decision.ticket.finish(5);
    }
  });

  it('counts requests, and says how many are left and until when', () => {
    const { acquire, pass } = setUp();
    expect(acquire([key({ rpm: 2 })]).headers).toEqual({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '1m1s',
    });
    pass(30_500);
    expect(acquire([key({ rpm: 2 })]).headers['x-ratelimit-remaining-requests']).toBe('0');
    pass(20_000);
    const refused = acquire([key({ rpm: 2 })]);
    expect(refused).toMatchObject({
      isAllowed: false,
      retryAfterSeconds: 11,
      limitedBy: { dimension: 'requests', limit: 2 },
      headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '40.5s' },
    });
    pass(11_000);
    expect(acquire([key({ rpm: 2 })]).isAllowed).toBe(true);
    expect(acquire([key({ rpm: 2 })]).isAllowed).toBe(false);
  });

  it('counts tokens, and lets a request in that just fits', () => {
    const { acquire } = setUp();
    expect(acquire([key({ tpm: 100 })], 60).isAllowed).toBe(true);
    expect(acquire([key({ tpm: 100 })], 41)).toMatchObject({ isAllowed: false, limitedBy: { dimension: 'tokens' } });
    expect(acquire([key({ tpm: 100 })], 40).headers).toMatchObject({ 'x-ratelimit-remaining-tokens': '0' });
  });

  it('says that a request alone is too large, and not to wait for it', () => {
    const { acquire } = setUp();
    const refused = acquire([key({ tpm: 100, rpm: 5 })], 101);
    expect(refused).toMatchObject({ isAllowed: false, limitedBy: { isTooLarge: true } });
    expect(refused.retryAfterSeconds).toBeUndefined();
    const error = rateLimitExceeded(refused);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'tokens', shouldRetry: false });
    expect(error.message).toContain('may need 101 tokens, and the limit is 100 tokens per minute');
    expect(acquire([key({ tpm: 100 })], 100).isAllowed).toBe(true);
  });

  // T113, first half: what comes in over minutes of steady excess is what the limits say.
  it.each([
    ['requests', { rpm: 60, tpm: 1e6 }, 1, 60],
    ['tokens', { rpm: 1000, tpm: 10_000 }, 137, 10_000],
  ])('lets in within 5 %% of the limit of %s over minutes of steady excess', (_what, limits, tokens, perMinute) => {
    const { acquire, pass } = setUp(12_345);
    let accepted = 0;
    const log: { at: number; amount: number }[] = [];
    const amount = tokens === 1 ? 1 : tokens;
    for (let at = 0; at < 6 * MINUTE_MS; at += 173) {
      if (acquire([key(limits)], tokens).isAllowed) {
        if (at < 3 * MINUTE_MS) accepted += amount;
        log.push({ at, amount });
      }
      pass(173);
    }
    expect(accepted).toBeGreaterThanOrEqual(3 * perMinute * 0.95);
    expect(accepted).toBeLessThanOrEqual(3 * perMinute * 1.05);
    for (const { at: from } of log) {
      const inMinute = log.filter(({ at }) => at >= from && at < from + MINUTE_MS);
      expect(inMinute.reduce((sum, hit) => sum + hit.amount, 0)).toBeLessThanOrEqual(perMinute);
    }
  });

  // T113, second half: a fixed window would let 120 in here.
  it('does not let a burst double at the edge of a window', () => {
    const { acquire, pass } = setUp(59_900);
    const burst = (): number =>
      Array.from({ length: 100 }, () => acquire([key({ rpm: 60 })])).filter(({ isAllowed }) => isAllowed).length;
    expect(burst()).toBe(60);
    for (const ms of [200, 1000, 29_000, 29_000]) {
      pass(ms);
      expect(burst()).toBe(0);
    }
    pass(2000);
    expect(burst()).toBe(60);
  });

  describe('with several subjects', () => {
    it.each([
      ['requests of the last', [key({ rpm: 5 }), account({ rpm: 5 }), model({ rpm: 1 })], 0],
      ['tokens of the last', [key({ rpm: 5, tpm: 100 }), model({ tpm: 10 })], 10],
      ['places of the last', [key({ rpm: 5, tpm: 100 }), account({ concurrency: 1 })], 10],
    ])('uses nothing up when the %s run out', (_what, subjects, tokens) => {
      const { acquire } = setUp();
      const first = acquire(subjects, tokens);
      expect(first.isAllowed).toBe(true);
      for (let i = 0; i < 10; i++) expect(acquire(subjects, tokens).isAllowed).toBe(false);
      // Of the first subject only the one that was let in is gone.
      const { headers } = acquire(subjects.slice(0, 1), 0);
      expect(headers['x-ratelimit-remaining-requests']).toBe('3');
    });

    it('shows the tightest of each kind', () => {
      const { acquire } = setUp();
      expect(
        acquire([key({ rpm: 10, tpm: 50 }), account({ rpm: 5, tpm: 500 }), model({ tpm: 900 })], 7).headers,
      ).toEqual({
        'x-ratelimit-limit-requests': '5',
        'x-ratelimit-remaining-requests': '4',
        'x-ratelimit-reset-requests': '1m1s',
        'x-ratelimit-limit-tokens': '50',
        'x-ratelimit-remaining-tokens': '43',
        'x-ratelimit-reset-tokens': '1m1s',
      });
    });

    it('names the one that takes longest', () => {
      const { acquire, pass } = setUp();
      acquire([key({ rpm: 1 })]);
      pass(20_000);
      acquire([account({ rpm: 1 })]);
      pass(1000);
      const refused = acquire([key({ rpm: 1 }), account({ rpm: 1 }), model({ rpm: 9 })]);
      expect(refused).toMatchObject({ limitedBy: { subject: { scope: 'account' } }, retryAfterSeconds: 60 });
      expect(rateLimitExceeded(refused)).toMatchObject({
        type: 'requests',
        retryAfterSeconds: 60,
        message:
          'The rate limit of this account is 1 requests per minute, and it is used up. Please try again in 60 s.',
        headers: { 'x-ratelimit-remaining-requests': '0' },
      });
    });

    it('keeps a key and an account with the same id apart', () => {
      const { acquire } = setUp();
      expect(acquire([key({ rpm: 1 })]).isAllowed).toBe(true);
      expect(acquire([account({ rpm: 1 })]).isAllowed).toBe(true);
    });
  });

  describe('the end of a request', () => {
    it('gives back tokens that were not needed', () => {
      const { acquire, pass } = setUp();
      const { ticket } = acquire([key({ tpm: 100 })], 100);
      pass(10_000);
      ticket.finish(30);
      expect(acquire([key({ tpm: 100 })], 70).isAllowed).toBe(true);
      expect(acquire([key({ tpm: 100 })], 1).isAllowed).toBe(false);
    });

    it('takes more when the estimate was too low, also long after the admission', () => {
      const { acquire, pass } = setUp();
      const { ticket } = acquire([key({ tpm: 100 })], 10);
      pass(5 * MINUTE_MS);
      ticket.finish(250);
      expect(acquire([key({ tpm: 100 })], 1)).toMatchObject({ isAllowed: false, retryAfterSeconds: 61 });
      pass(61_000);
      expect(acquire([key({ tpm: 100 })], 100).isAllowed).toBe(true);
    });

    it('keeps the estimate when nobody knows better', () => {
      const { acquire } = setUp();
      acquire([key({ tpm: 100 })], 100).ticket.finish(undefined);
      expect(acquire([key({ tpm: 100 })], 1).isAllowed).toBe(false);
    });

    it('gives back nothing that has left the window', () => {
      const { acquire, pass } = setUp();
      const { ticket } = acquire([key({ tpm: 100 })], 100);
      pass(2 * MINUTE_MS);
      acquire([key({ tpm: 100 })], 60);
      ticket.finish(0);
      expect(acquire([key({ tpm: 100 })], 41).isAllowed).toBe(false);
    });

    it('frees the place, once', () => {
      const { acquire } = setUp();
      const limits = [key({ concurrency: 2 })];
      const first = acquire(limits);
      acquire(limits);
      const refused = acquire(limits);
      expect(refused).toMatchObject({
        isAllowed: false,
        retryAfterSeconds: 1,
        limitedBy: { dimension: 'concurrency' },
      });
      expect(rateLimitExceeded(refused)).toMatchObject({ type: 'requests', status: 429 });
      refused.ticket.finish(0);
      first.ticket.finish(0);
      first.ticket.finish(0);
      expect(acquire(limits).isAllowed).toBe(true);
      expect(acquire(limits).isAllowed).toBe(false);
    });

    it('never throws', () => {
      const { acquire } = setUp();
      for (const tokens of [Number.NaN, -5, Number.POSITIVE_INFINITY, 1e300]) {
        expect(() => acquire([key({ tpm: 100 })], 1).ticket.finish(tokens)).not.toThrow();
      }
      expect(acquire([key({ tpm: 1e12 })], Number.NaN).isAllowed).toBe(true);
    });
  });

  it('forgets the subject that was unused for longest when there are too many', () => {
    const { acquire } = setUp(0, 2);
    const of = (id: string): boolean => acquire([{ scope: 'key', id, rpm: 1 }]).isAllowed;
    expect([of('a'), of('b'), of('a'), of('c'), of('a'), of('b')]).toEqual([true, true, false, true, false, true]);
  });
});
