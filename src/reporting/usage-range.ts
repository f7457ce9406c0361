import { invalidRequest } from '../common/hub-error.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_MAX = 366;

/** A span of time, the end not included. */
export interface TimeSpan {
  readonly from: Date;
  readonly to: Date;
}

/** A span that is cut where sums by the day can stand for hours. */
export interface UsageRange extends TimeSpan {
  /** First moments of the hours before and after the whole days. */
  readonly hours: readonly Date[];
  /** First moments of the whole days of UTC. */
  readonly days: readonly Date[];
}

/**
 * Sums are kept by the hour of UTC, so `from` goes down and `to` up to a full hour.
 *
 * @throws HubError 400 naming `from`: no time between the two, or more than 366 days.
 */
export function usageRange(span: TimeSpan): UsageRange {
  const range = widened(span, HOUR_MS);
  const firstDay = Math.ceil(range.from.getTime() / DAY_MS) * DAY_MS;
  const lastDay = Math.floor(range.to.getTime() / DAY_MS) * DAY_MS;
  if (firstDay >= lastDay)
    return { ...range, hours: steps(range.from.getTime(), range.to.getTime(), HOUR_MS), days: [] };
  return {
    ...range,
    hours: [...steps(range.from.getTime(), firstDay, HOUR_MS), ...steps(lastDay, range.to.getTime(), HOUR_MS)],
    days: steps(firstDay, lastDay, DAY_MS),
  };
}

/** The same in hours only, where a day is too coarse. */
export function hourlyRange(span: TimeSpan): UsageRange {
  const range = widened(span, HOUR_MS);
  return { ...range, hours: steps(range.from.getTime(), range.to.getTime(), HOUR_MS), days: [] };
}

/** Whole days of UTC around the span, for what is kept by the day only. */
export function dailyRange(span: TimeSpan): UsageRange {
  const range = widened(span, DAY_MS);
  return { ...range, hours: [], days: steps(range.from.getTime(), range.to.getTime(), DAY_MS) };
}

/** How many days the span has, the part of a day counted as one. */
export function daysOf({ from, to }: TimeSpan): number {
  return Math.ceil((to.getTime() - from.getTime()) / DAY_MS);
}

function widened({ from, to }: TimeSpan, stepMs: number): TimeSpan {
  const start = Math.floor(from.getTime() / stepMs) * stepMs;
  const end = Math.ceil(to.getTime() / stepMs) * stepMs;
  if (!(start < end)) throw invalidRequest('"from" must lie before "to".', 'from');
  if (end - start > (DAYS_MAX + 2) * DAY_MS) {
    throw invalidRequest(`There may be at most ${DAYS_MAX} days between "from" and "to".`, 'from', 'range_too_long');
  }
  return { from: new Date(start), to: new Date(end) };
}

function steps(fromMs: number, toMs: number, stepMs: number): Date[] {
  return Array.from({ length: (toMs - fromMs) / stepMs }, (_, at) => new Date(fromMs + at * stepMs));
}
