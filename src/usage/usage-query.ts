import { invalidRequest } from '../common/hub-error.js';
import { parseTimeRange } from '../common/time-range.js';
import { type CalendarDay, calendarDays } from './calendar-days.js';
import { USER_IDENTIFIER_LENGTH_MAX } from './usage-sums.js';

/** What a report can be grouped by, in the words of the API. */
export const USAGE_DIMENSIONS = ['model', 'day', 'user_identifier', 'key'] as const;
/** One of {@link USAGE_DIMENSIONS}. */
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** Query parameters that say what a report is about; the others say how it is handed over. */
export const USAGE_PARAMETERS = ['from', 'to', 'group_by', 'time_zone', 'model', 'user_identifier', 'key_id'] as const;

/** The parameters of a report as they came. */
export type UsageParameters = Readonly<Partial<Record<(typeof USAGE_PARAMETERS)[number], string>>>;

/** Which rows count; undefined takes all. */
export interface UsageFilter {
  readonly model: string | undefined;
  readonly userIdentifier: string | undefined;
  readonly keyId: string | undefined;
}

/** What a report is about. */
export interface UsageQuery {
  /** Whole hours of UTC. */
  readonly from: Date;
  readonly to: Date;
  /** At least one, none twice. */
  readonly groupBy: readonly UsageDimension[];
  /** The days of the range; empty unless grouped by day. */
  readonly days: readonly CalendarDay[];
  readonly filter: UsageFilter;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_STANDARD = 30;
const DAYS_MAX = 366;
const MODEL_LENGTH_MAX = 256;

/**
 * Reads what a report is about. Usage is kept by the hour of UTC, so `from` goes down and `to` up to a full hour; answers name
 * the range they are about.
 *
 * @throws HubError 400 naming the parameter.
 */
export function readUsageQuery(parameters: UsageParameters, now: Date): UsageQuery {
  const { from, to } = readRange(parameters, now);
  const groupBy = readDimensions(parameters.group_by ?? 'model');
  const isByDay = groupBy.includes('day');
  if (parameters.time_zone !== undefined && !isByDay) {
    throw invalidRequest('"time_zone" says where days begin; it needs "day" in "group_by".', 'time_zone');
  }
  return {
    from,
    to,
    groupBy,
    days: isByDay ? calendarDays(from, to, parameters.time_zone ?? 'UTC') : [],
    filter: readUsageFilter(parameters),
  };
}

/** Reads the filters that reports and event lists share. @throws HubError 400 naming the parameter. */
export function readUsageFilter(
  parameters: Pick<UsageParameters, 'model' | 'user_identifier' | 'key_id'>,
): UsageFilter {
  const { model, user_identifier: userIdentifier, key_id: keyId } = parameters;
  checkText(model, 'model', MODEL_LENGTH_MAX);
  checkText(userIdentifier, 'user_identifier', USER_IDENTIFIER_LENGTH_MAX);
  if (keyId !== undefined && !/^[1-9]\d{0,17}$/.test(keyId)) {
    throw invalidRequest('"key_id" must be the id of an API key, a whole number.', 'key_id');
  }
  return { model, userIdentifier, keyId };
}

function readRange(parameters: UsageParameters, now: Date): { from: Date; to: Date } {
  const asked = parseTimeRange(parameters);
  const to = new Date(Math.ceil((asked.to ?? now).getTime() / HOUR_MS) * HOUR_MS);
  const from = new Date(
    Math.floor((asked.from?.getTime() ?? to.getTime() - DAYS_STANDARD * DAY_MS) / HOUR_MS) * HOUR_MS,
  );
  if (from >= to)
    throw invalidRequest('"from" must lie before "to", which is the present when it is left out.', 'from');
  if (to.getTime() - from.getTime() > DAYS_MAX * DAY_MS) {
    throw invalidRequest(`There may be at most ${DAYS_MAX} days between "from" and "to".`, 'from');
  }
  return { from, to };
}

function readDimensions(text: string): UsageDimension[] {
  const names = text.split(',').map((name) => name.trim());
  const dimensions = names.map((name) => USAGE_DIMENSIONS.find((dimension) => dimension === name));
  const isEach = dimensions.every((dimension) => dimension !== undefined);
  if (!isEach || new Set(dimensions).size < dimensions.length) {
    throw invalidRequest(`"group_by" must be a list of ${USAGE_DIMENSIONS.join(', ')}, each at most once.`, 'group_by');
  }
  return dimensions;
}

function checkText(text: string | undefined, param: string, lengthMax: number): void {
  if (text === undefined) return;
  // The database counts characters, not UTF-16 units, and no text in it has a NUL.
  if ([...text].length > lengthMax || text.includes('\0')) {
    throw invalidRequest(`"${param}" must be text of at most ${lengthMax} characters.`, param);
  }
}
