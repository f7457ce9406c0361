const FIRST_S = 10;
const MAX_S = 3_600;

/**
 * The pause after a failed attempt, in seconds: doubled each time, up to an hour, and spread over its second half, so that
 * messages which failed together do not come back together.
 *
 * @param attempt counts from 1.
 * @param random uniform in [0, 1).
 */
export function retryPauseSeconds(attempt: number, random: number): number {
  const longest = Math.min(FIRST_S * 2 ** (attempt - 1), MAX_S);
  return Math.round((longest * (1 + random)) / 2);
}
