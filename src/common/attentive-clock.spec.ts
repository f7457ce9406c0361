import { describe, expect, it } from '@jest/globals';
import { AttentiveClock } from './attentive-clock.js';

describe('AttentiveClock', () => {
  it('goes with the true time while its ticks come, and counts a late one for two', () => {
    let trueMs = 1000;
    const clock = new AttentiveClock(100, () => trueMs);
    const startedAt = clock.now();
    const lapse = (ms: number): number => {
      trueMs += ms;
      return clock.now() - startedAt;
    };
    expect(lapse(60)).toBe(60);
    clock.tick();
    expect(lapse(150)).toBe(210);
    clock.tick();
    // An hour asleep, and the moment after it.
    expect(lapse(3_600_000)).toBe(410);
    expect(clock.tick() - startedAt).toBe(410);
    expect(clock.lastTickMs - startedAt).toBe(410);
    expect(lapse(5)).toBe(415);
  });
});
