import { UsageError } from './command.js';

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A date (its first moment in UTC), a full time, or how long ago, such as `30m`, `24h` or `7d`.
 * @param nowMs Unix time. @throws UsageError.
 */
export function parseSince(text: string, nowMs: number): Date {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  const isDate = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const timeMs = ago ? nowMs - Number(ago[1]) * (UNITS_MS[ago[2] ?? ''] ?? 0) : isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs))
    throw new UsageError(
      '--since must be a time ago such as 30m, 24h or 7d, a date such as 2026-11-26, or a time with its zone',
    );
  return new Date(timeMs);
}
