// @ts-check

const [seconds, nanoseconds] = process.hrtime();
const offsetUs = seconds * 1e6 + nanoseconds / 1e3 - performance.now() * 1e3;

/**
 * Microseconds of the machine's monotonic clock. All processes of one machine share its zero point, so a time stamped by
 * the upstream can be subtracted in the load generator. `performance.now()` alone starts at zero in each process.
 *
 * @returns {number}
 */
export function monotonicUs() {
  return offsetUs + performance.now() * 1e3;
}
