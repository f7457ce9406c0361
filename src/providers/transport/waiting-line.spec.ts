import { describe, expect, it } from '@jest/globals';
import { WaitingLine } from './waiting-line.js';

describe('requests of a pool', () => {
  it('wait for a free connection while the pool keeps them back, those that came last', () => {
    let queued = 0;
    const line = new WaitingLine(() => queued);
    const [first, second, third] = [line.join(), line.join(), line.join()];
    const waiting = (nowMs: number) => [first, second, third].map((number) => line.isWaiting(number, nowMs));
    expect(waiting(1)).toEqual([false, false, false]);
    queued = 2;
    expect(waiting(2)).toEqual([false, true, true]);
    queued = 1;
    expect(waiting(3)).toEqual([false, false, true]);
  });

  it('are counted once for each tick', () => {
    let reads = 0;
    const line = new WaitingLine(() => {
      reads++;
      return 1;
    });
    for (let i = 0; i < 5; i++) line.isWaiting(line.join(), 1);
    expect(reads).toBe(1);
  });
});
