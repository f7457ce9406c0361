import { describe, expect, it } from '@jest/globals';
import { quietNow } from '../../test/support/quiet-clock.js';
import { AttemptThrottles } from './attempt-throttle.js';
import { HitStore } from './hit-store.js';

const TEN_MINUTES_MS = 600_000;
const KEYS = ['account:7', 'ip:203.0.113.9'];

function setUp() {
  let nowMs = 0;
  const throttles = new AttemptThrottles(new HitStore(undefined, () => nowMs));
  return {
    throttles,
    throttle: throttles.for('redemption', { limit: 10, windowMs: TEN_MINUTES_MS }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('AttemptThrottle', () => {
  it('lets nobody try after ten failures, until the first of them is ten minutes ago', async () => {
    const { throttle, pass } = setUp();
    for (let i = 0; i < 10; i++) {
      await throttle.check(KEYS);
      await throttle.note(KEYS);
    }
    await expect(throttle.check(KEYS)).rejects.toMatchObject({
      status: 429,
      code: 'too_many_attempts',
      retryAfterSeconds: 610,
    });
    pass(TEN_MINUTES_MS - 1);
    expect(await throttle.isBlocked('account:7')).toBe(true);
    pass(10_001);
    await throttle.check(KEYS);
  });

  it('counts each key for itself: another account does not free an address, nor the other way round', async () => {
    const { throttle } = setUp();
    for (let i = 0; i < 10; i++) await throttle.note([`account:${i}`, 'ip:a']);
    await expect(throttle.check(['account:99', 'ip:a'])).rejects.toMatchObject({ code: 'too_many_attempts' });
    await throttle.check(['account:1', 'ip:b']);
    for (let i = 0; i < 9; i++) await throttle.note(['account:1', `ip:${i}`]);
    await expect(throttle.check(['account:1', 'ip:b'])).rejects.toMatchObject({ code: 'too_many_attempts' });
  });

  it('counts nothing when it only looks, and nothing more once it is full', async () => {
    const { throttle, pass } = setUp();
    for (let i = 0; i < 50; i++) await throttle.check(KEYS);
    for (let i = 0; i < 50; i++) await throttle.hit('ip:a');
    expect(await throttle.isBlocked('account:7')).toBe(false);
    pass(TEN_MINUTES_MS + 10_000);
    expect(await throttle.isBlocked('ip:a')).toBe(false);
  });

  it('shares counts under the same name only', async () => {
    const { throttle, throttles } = setUp();
    for (let i = 0; i < 10; i++) await throttle.hit('ip:a');
    const limits = { limit: 10, windowMs: TEN_MINUTES_MS };
    expect(await throttles.for('redemption', limits).isBlocked('ip:a')).toBe(true);
    expect(await throttles.for('sign-in', limits).isBlocked('ip:a')).toBe(false);
  });
});

describe('HitStore', () => {
  // The store of @nestjs/throttler goes through all hits with each; at a million it would take minutes.
  it('counts a flood on one key without slowing down', async () => {
    const store = new HitStore();
    const limits = { limit: 1e9, windowMs: 60_000 };
    for (let i = 0; i < 100_000; i++) await store.hit('flood', limits);
    const from = quietNow();
    for (let i = 0; i < 10_000; i++) await store.hit('flood', limits);
    expect(quietNow() - from).toBeLessThan(1000);
    expect((await store.look('flood', limits)).count).toBe(110_000);
  });

  it('keeps a bounded number of keys', async () => {
    const store = new HitStore(undefined, () => 0, 2);
    const limits = { limit: 1, windowMs: 1000 };
    for (const key of ['a', 'b', 'c']) await store.hit(key, limits);
    expect((await store.look('a', limits)).isAllowed).toBe(true);
    expect((await store.look('c', limits)).isAllowed).toBe(false);
  });
});
