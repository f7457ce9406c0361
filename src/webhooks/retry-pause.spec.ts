import { retryPauseSeconds } from './retry-pause.js';

const DAY_S = 86_400;

/** When attempts are made, in seconds after the first one, by the clock of somebody who waits each pause. */
function attemptsOfADay(random: () => number): number[] {
  const at = [0];
  for (let attempt = 1; ; attempt++) {
    const next = (at.at(-1) ?? 0) + retryPauseSeconds(attempt, random());
    if (next >= DAY_S) return at;
    at.push(next);
  }
}

describe('the pause after a failed attempt', () => {
  it('doubles up to an hour', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 500].map((attempt) => retryPauseSeconds(attempt, 1));
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
  });

  it('is spread over the second half of that', () => {
    expect([0, 0.5, 1].map((random) => retryPauseSeconds(3, random))).toEqual([20, 30, 40]);
  });

  it('makes a few dozen attempts of a day, whatever chance says', () => {
    expect(attemptsOfADay(() => 1)).toHaveLength(32);
    expect(attemptsOfADay(() => 0).length).toBeLessThan(60);
  });
});
