import { invalidRequest } from '../common/hub-error.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Zones lie between 12 hours behind and 14 ahead of UTC; one more hour for what changes in a night. */
const SEARCH_MS = 15 * HOUR_MS;
const ZONE_CHARS_MAX = 64;

/** A day of a calendar, as far as it lies in the range that was asked for. */
export interface CalendarDay {
  /** `2026-11-26`. */
  readonly date: string;
  readonly start: Date;
}

/**
 * The days that a range touches in a time zone, in order; the first begins at `from`. Daylight saving is seen to: a day has
 * 23, 24 or 25 hours.
 *
 * @throws HubError 400 naming `time_zone` when there is no such zone, or when a day in it begins in the middle of an hour of UTC
 * (India, Nepal, parts of Australia): usage is kept by the hour, and such a day could only be told roughly.
 */
export function calendarDays(from: Date, to: Date, timeZone: string): CalendarDay[] {
  const dateOf = dateFormat(timeZone);
  const days = [{ date: dateOf(from.getTime()), start: from }];
  for (let start = nextStart(from.getTime(), dateOf); start < to.getTime(); start = nextStart(start, dateOf)) {
    if (start % HOUR_MS !== 0) throw unevenZone(timeZone);
    days.push({ date: dateOf(start), start: new Date(start) });
  }
  return days;
}

type DateOf = (ms: number) => string;

function dateFormat(timeZone: string): DateOf {
  let format: Intl.DateTimeFormat;
  try {
    if (timeZone.length > ZONE_CHARS_MAX) throw new RangeError('too long');
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  } catch {
    throw invalidRequest('"time_zone" must be a name of the IANA database such as UTC or Asia/Shanghai.', 'time_zone');
  }
  return (ms) => format.format(ms);
}

/** The first moment, to the minute, that has a later date than `ms`. Most days the one of the day before fits. */
function nextStart(ms: number, dateOf: DateOf): number {
  const date = dateOf(ms);
  const guess = ms + DAY_MS;
  if (dateOf(guess) > date && dateOf(guess - MINUTE_MS) === date) return guess;
  // A shorter or longer day, or a first day that is not whole. Dates only grow, so the place can be halved.
  let before = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  let after = before + DAY_MS + SEARCH_MS;
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (dateOf(middle) > date) after = middle;
    else before = middle;
  }
  return after;
}

function unevenZone(timeZone: string): Error {
  return invalidRequest(
    `Days in ${timeZone} do not begin on a full hour of UTC, and usage is kept by the hour. Use a zone whose days do, such as UTC, or leave "day" out of "group_by".`,
    'time_zone',
  );
}
