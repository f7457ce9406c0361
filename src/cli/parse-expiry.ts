import { UsageError } from './command.js';

const MS_PER_DAY = 86_400_000;

/** A date (its first moment in UTC), a full time, or a number of days from now. */
export function parseExpiry(text: string, nowMs: number): Date {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const isDate = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const timeMs = days === undefined ? (isDate ? Date.parse(text) : Number.NaN) : nowMs + Number(days) * MS_PER_DAY;
  if (Number.isNaN(timeMs))
    throw new UsageError('--expires must be a date such as 2027-01-31, a time with its zone, or 90d');
  if (timeMs <= nowMs) throw new UsageError('--expires must be in the future');
  return new Date(timeMs);
}
