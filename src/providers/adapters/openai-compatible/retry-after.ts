const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Longest wait that is believed; a larger value is a mistake of the sender. */
const WAIT_MS_MAX = 7 * 24 * 3_600_000;

/**
 * Reads how long an answer asks to wait, in milliseconds: `retry-after-ms`, then `retry-after` in seconds or as an HTTP
 * date. A date is measured against the answer's own `date` header, which also does away with clock skew.
 * @param hasResetDurations also look at OpenAI's `x-ratelimit-reset-*` of the limit that is used up.
 */
export function readRetryAfterMs(
  headers: Readonly<Record<string, string>>,
  hasResetDurations: boolean,
): number | undefined {
  const inMs = decimal(headers['retry-after-ms']);
  if (inMs !== undefined) return bounded(inMs);
  const retryAfter = headers['retry-after'];
  if (retryAfter !== undefined) {
    const seconds = decimal(retryAfter);
    if (seconds !== undefined) return bounded(seconds * 1_000);
    const until = Date.parse(retryAfter);
    const now = Date.parse(headers['date'] ?? '');
    if (!Number.isNaN(until) && !Number.isNaN(now)) return bounded(Math.max(0, until - now));
  }
  if (!hasResetDurations) return undefined;
  for (const limit of ['requests', 'tokens']) {
    if (headers[`x-ratelimit-remaining-${limit}`] !== '0') continue;
    const wait = readDurationMs(headers[`x-ratelimit-reset-${limit}`] ?? '');
    if (wait !== undefined) return bounded(wait);
  }
  return undefined;
}

/** Reads a duration as Go writes it: `12ms`, `6s`, `1m30s`, `7.66s`. */
export function readDurationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  }
  return Math.ceil(total);
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function bounded(ms: number): number | undefined {
  return ms <= WAIT_MS_MAX ? Math.ceil(ms) : undefined;
}
