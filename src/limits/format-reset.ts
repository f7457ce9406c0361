const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;

/** A duration as OpenAI writes it in its headers: `120ms`, `1s`, `8.64s`, `6m0s`, `1h0m0s`. Rounded up to milliseconds. */
export function formatReset(durationMs: number): string {
  const ms = Math.max(0, Math.ceil(durationMs));
  if (ms > 0 && ms < 1000) return `${ms}ms`;
  const seconds = `${(ms % MS_PER_MINUTE) / 1000}s`;
  const minutes = Math.floor(ms / MS_PER_MINUTE);
  if (minutes === 0) return seconds;
  if (minutes < MINUTES_PER_HOUR) return `${minutes}m${seconds}`;
  return `${Math.floor(minutes / MINUTES_PER_HOUR)}h${minutes % MINUTES_PER_HOUR}m${seconds}`;
}
