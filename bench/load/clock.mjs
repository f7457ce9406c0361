// @ts-check

const TRIES = 100;
const offsetUs = Math.min(...Array.from({ length: TRIES }, readOffsetUs));

/**
 * Microseconds of the machine's monotonic clock. All processes of one machine share its zero point, so a time stamped by
 * the upstream can be subtracted in the load generator. `performance.now()` alone starts at zero in each process.
 *
 * @returns {number}
 */
export function monotonicUs() {
  return offsetUs + performance.now() * 1e3;
}

/** Too large by whatever passes between the two readings, so the smallest of many is the true one. */
function readOffsetUs() {
  const now = performance.now();
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3 - now * 1e3;
}
