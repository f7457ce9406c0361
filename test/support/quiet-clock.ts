import { readFileSync } from 'node:fs';
import { afterAll, expect } from '@jest/globals';
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

const TICK_MS = 20;

/** What the last tick saw, and how long this process has stood still since the first one, with its whole machine as it seems. */
let last: { readonly at: number; readonly busyMs: number } | undefined;
let frozenMs = 0;
let timer: NodeJS.Timeout | undefined;
afterAll(() => clearInterval(timer));

/** Time that went by between two ticks without this thread working or waiting for a processor: a paused or throttled machine. */
function tick(): void {
  const { user, system } = process.threadCpuUsage();
  const now = { at: performance.now(), busyMs: (user + system) / 1000 + starvedMs() };
  if (last !== undefined) frozenMs += Math.max(0, now.at - last.at - (now.busyMs - last.busyMs) - 2 * TICK_MS);
  last = now;
}

/**
 * A monotonic clock in milliseconds, like performance.now(), which stands still while this process waits for a processor, or for a machine
 * that is paused. A promise about time is about the hub, and what else runs on or under this machine must not break it.
 *
 * @param hubs processes that must do something for what is measured, each of them there from the first look at the clock to the last:
 * while they wait for a processor the clock stands still as well. It goes back where several wait at once, so it is for upper bounds only.
 */
export function quietNow(hubs: readonly { readonly pid: number }[] = []): number {
  timer ??= setInterval(tick, TICK_MS).unref();
  tick();
  return hubs.reduce((now, { pid }) => now - starvedMs(pid), performance.now() - starvedMs() - frozenMs);
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
