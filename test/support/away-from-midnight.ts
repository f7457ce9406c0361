import { until } from './until.js';

const DAY_MS = 86_400_000;
/** More than a suite takes, and less than {@link until} waits. */
const SUITE_MS = 45_000;

/** For suites that speak of yesterday: waits, if need be, until the day (UTC) does not end while they run. */
export async function awayFromMidnight(): Promise<void> {
  await until(() => Date.now() % DAY_MS < DAY_MS - SUITE_MS);
}
