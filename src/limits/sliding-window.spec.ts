import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlidingWindow, WINDOW_PARTS } from './sliding-window.js';

const WINDOW_MS = 60_000;
const PART_MS = WINDOW_MS / WINDOW_PARTS;

describe('SlidingWindow', () => {
  it('forgets what is older than the window, a part late at most and never early', () => {
    const window = new SlidingWindow(WINDOW_MS);
    window.add(3, 500);
    expect(window.used(500 + WINDOW_MS - 1)).toBe(3);
    expect(window.used(500 + WINDOW_MS + PART_MS)).toBe(0);
  });

  it('starts anew after a long silence', () => {
    const window = new SlidingWindow(WINDOW_MS);
    for (let at = 0; at < WINDOW_MS; at += 100) window.add(1, at);
    expect(window.used(10 * WINDOW_MS)).toBe(0);
    expect(window.resetMs(10 * WINDOW_MS)).toBe(0);
    window.add(2, 10 * WINDOW_MS);
    expect(window.used(10 * WINDOW_MS)).toBe(2);
  });

  it('gives back what is still counted, and no more than that', () => {
    const window = new SlidingWindow(WINDOW_MS);
    const part = window.add(5, 0);
    window.add(2, 30_000);
    window.giveBack(3, part, 30_000);
    expect(window.used(30_000)).toBe(4);
    window.giveBack(10, part, 30_000);
    expect(window.used(30_000)).toBe(2);
    window.giveBack(2, part, 62_000);
    expect(window.used(62_000)).toBe(2);
  });

  it.each([
    [1, 51_000],
    [6, 51_000],
    [7, 61_000],
    [10, 61_000],
  ])('says when there will be room for %d', (room, wait) => {
    const window = new SlidingWindow(WINDOW_MS);
    window.add(6, 0);
    window.add(4, 10_000);
    expect(window.waitMs(room, 10 + room, 10_000)).toBe(0);
    expect(window.waitMs(room, 10, 10_000)).toBe(wait);
    expect(window.waitMs(room, 10, 10_000 + wait - 1)).toBe(1);
    expect(window.waitMs(room, 10, 10_000 + wait)).toBe(0);
  });

  it('says that there will never be room for more than the limit', () => {
    const window = new SlidingWindow(WINDOW_MS);
    expect(window.waitMs(11, 10, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('says when it will be empty', () => {
    const window = new SlidingWindow(WINDOW_MS);
    window.add(6, 0);
    window.add(4, 10_000);
    expect(window.resetMs(20_000)).toBe(51_000);
    expect(window.used(20_000 + 51_000 - 1)).toBe(4);
    expect(window.used(20_000 + 51_000)).toBe(0);
  });

  // The property that rules out doubled bursts, wherever they fall.
  it('lets no window hold more than the limit, and the same as a log of all hits that is kept a part longer', () => {
    const gaps = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 20_000 }), amount: fc.integer({ min: 1, max: 9 }) }),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(gaps, (steps) => {
        const window = new SlidingWindow(WINDOW_MS);
        const log: { at: number; amount: number }[] = [];
        let now = 0;
        for (const { gap, amount } of steps) {
          now += gap;
          const since = (Math.floor(now / PART_MS) - WINDOW_PARTS) * PART_MS;
          const kept = log.filter(({ at }) => at >= since).reduce((sum, hit) => sum + hit.amount, 0);
          expect(window.used(now)).toBe(kept);
          if (kept + amount > 30) {
            const wait = window.waitMs(amount, 30, now);
            expect(wait).toBeGreaterThan(0);
            continue;
          }
          window.add(amount, now);
          log.push({ at: now, amount });
          const last = log.filter(({ at }) => at > now - WINDOW_MS).reduce((sum, hit) => sum + hit.amount, 0);
          expect(last).toBeLessThanOrEqual(30);
        }
      }),
    );
  });
});
