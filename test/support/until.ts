import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `check` resolves to something other than undefined or false, at most `timeoutMs`. */
export async function until<Value>(
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
  timeoutMs = 10_000,
): Promise<Value> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${check}`);
    await delay(20);
  }
}
