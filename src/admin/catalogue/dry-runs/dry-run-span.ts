import { invalidRequest } from '../../../common/hub-error.js';

const DAY_MS = 86_400_000;
const DAYS_MAX = 31;

/** The time whose traffic is looked at; the end is not included. */
export interface DryRunSpan {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The time of a dry run: without bounds the last full day of UTC.
 * @throws HubError 400 naming `from` or `to`.
 */
export function dryRunSpan(from: Date | null | undefined, to: Date | null | undefined, now: Date): DryRunSpan {
  if (from == null && to == null) {
    const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
    return { from: new Date(today - DAY_MS), to: new Date(today) };
  }
  if (from == null) throw invalidRequest('"from" is needed with "to".', 'from');
  const end = to ?? now;
  for (const [name, time] of [
    ['from', from],
    ['to', end],
  ] as const) {
    const ms = time.getTime();
    // Ids begin with the time in 48 bits.
    if (!Number.isFinite(ms) || ms < 0 || ms >= 2 ** 48)
      throw invalidRequest(`"${name}" must be a time since 1970.`, name);
  }
  if (from >= end) throw invalidRequest('"from" must lie before "to".', 'from');
  if (end.getTime() - from.getTime() > DAYS_MAX * DAY_MS) {
    throw invalidRequest(`There may be at most ${DAYS_MAX} days between "from" and "to".`, 'from', 'range_too_long');
  }
  return { from, to: end };
}
