import { LocalRedemptionThrottle, REDEMPTION_ATTEMPTS } from './redemption-throttle.js';

describe('the throttle of redemptions', () => {
  let nowMs = 0;
  let throttle: LocalRedemptionThrottle;
  beforeEach(() => {
    nowMs = 1_000_000;
    throttle = new LocalRedemptionThrottle(() => nowMs);
  });

  const fail = async (times: number, ...keys: string[]) => {
    for (let i = 0; i < times; i++) {
      await throttle.check(keys);
      await throttle.note(keys);
      nowMs += 1000;
    }
  };

  it('lets ten fail in ten minutes, and then says when the next may', async () => {
    await fail(10, 'account:1', 'ip:a');
    // The first failed 10 s ago, so it counts for 590 s more.
    const refusal = { status: 429, code: 'too_many_attempts', retryAfterSeconds: 590 };
    await expect(throttle.check(['account:1'])).rejects.toMatchObject(refusal);
    await expect(throttle.check(['account:2', 'ip:a'])).rejects.toMatchObject(refusal);
    await throttle.check(['account:2', 'ip:b']);
    nowMs += 590_000;
    await throttle.check(['account:1', 'ip:a']);
    await throttle.note(['account:1']);
    await expect(throttle.check(['account:1'])).rejects.toMatchObject({ retryAfterSeconds: 1 });
  });

  it('remembers a bounded number of keys, the latest ones', async () => {
    await fail(REDEMPTION_ATTEMPTS.limit, 'old');
    for (let i = 0; i < 9_999; i++) await throttle.note([`new:${i}`]);
    await expect(throttle.check(['old'])).rejects.toMatchObject({ status: 429 });
    await throttle.note(['one more']);
    await throttle.check(['old']);
  });
});
