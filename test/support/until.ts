import { setTimeout as delay } from 'node:timers/promises';

/** A bound on hanging, not a promise: what must be soon is measured with `quietNow` of quiet-clock.ts. */
const HANGS_MS = 60_000;

/** Polls until `check` resolves to something other than undefined or false, at most `timeoutMs`. */
export async function until<Value>(
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
  timeoutMs = HANGS_MS,
): Promise<Value> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${check}`);
    await delay(20);
  }
}
