import { evenDraw } from './even-draw.js';

describe('an even draw', () => {
  it('lies in [0, 1) and is the same again', () => {
    for (const index of [0, 1, 2, 1_000, 299_999]) {
      expect(evenDraw(index)).toBeGreaterThanOrEqual(0);
      expect(evenDraw(index)).toBeLessThan(1);
      expect(evenDraw(index)).toBe(evenDraw(index));
    }
  });

  it.each([10, 100, 1_000, 10_000])('spreads %i requests so that no share is off by more than a few', (count) => {
    const draws = Array.from({ length: count }, (_each, index) => evenDraw(index));
    for (const share of [0.1, 0.25, 0.5, 0.9]) {
      const below = draws.filter((draw) => draw < share).length;
      expect(Math.abs(below - share * count)).toBeLessThan(4);
    }
  });
});
