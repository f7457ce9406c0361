import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { until } from './until.js';

/**
 * Milliseconds that the main thread of a process has waited for a processor so far, because others had them all. 0 where the system
 * does not tell (it is the second figure of `/proc/PID/schedstat`, in nanoseconds: Documentation/scheduler/sched-stats in Linux).
 *
 * @param pid default: this process.
 */
export function starvedMs(pid = process.pid): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}

/**
 * A monotonic clock in milliseconds, like performance.now(), which stands still while this process waits for a processor. A promise about
 * time is about the hub, and other suites that run beside this one must not break it.
 */
export function quietNow(): number {
  return performance.now() - starvedMs();
}

/** Polls like `until`, and refuses what took longer than was promised, by the quiet clock. */
export async function within<Value>(
  promisedMs: number,
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  const startedAt = quietNow();
  const value = await until(check);
  expect(quietNow() - startedAt).toBeLessThanOrEqual(promisedMs);
  return value;
}
