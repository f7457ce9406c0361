import { USAGE_GROUPS } from '../usage/usage-sums.js';
import type { BoundValues } from './bound-values.js';
import type { CommonFilter } from './check-filter.js';
import { filterRequired, rangeTooLong } from './reporting.errors.js';
import { dailyRange, daysOf, hourlyRange, type TimeSpan, type UsageRange, usageRange } from './usage-range.js';

/** What usage can be grouped by. An end user is one of an account: groups of them say whose. */
export const USAGE_DIMENSIONS = [
  'account',
  'key',
  'model',
  'channel',
  'userIdentifier',
  'endpoint',
  'outcome',
] as const;
/** One of {@link USAGE_DIMENSIONS}. */
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** A roll-up table, or a part of one, that can answer a question. */
export interface UsageSource {
  readonly table: 'usage_hour' | 'usage_day' | 'usage_user_day' | 'usage_slice';
  /** Its column of time. */
  readonly at: 'hour' | 'day';
  /** Conditions besides the time. */
  readonly where: (values: BoundValues) => readonly string[];
  /** The value of a dimension in it. */
  readonly column: (dimension: UsageDimension) => string;
  /** True when all but the time is known, so that each moment is one look into an index rather than a range of it. */
  readonly isExact: boolean;
}

/** Where the answer comes from, and which time it is about. */
export interface UsagePlan {
  readonly range: UsageRange;
  readonly hour: UsageSource | undefined;
  readonly day: UsageSource | undefined;
}

/** Rows of hours that can be read within a figure's time, said in days of the busiest hub the figures were taken with. */
const FINE_DAYS_MAX = 8;
/** A question of usage, as far as it decides what is read. */
export interface UsageQuestion {
  readonly span: TimeSpan;
  readonly filter: CommonFilter;
  readonly groupBy: UsageDimension | undefined;
  /** The answer is by the hour, so sums of days are of no use. */
  readonly isHourly: boolean;
  /** The hours of the span are few rows, so that they can be read as they are. */
  readonly hasFewHours?: boolean;
}

/**
 * Chooses the smallest tables that know the answer.
 *
 * @throws HubError 400: a combination that no table has, or too long a time for one that only hours have.
 */
export function planUsage({ span, filter, groupBy, isHourly, hasFewHours = false }: UsageQuestion): UsagePlan {
  const dimensions = dimensionsOf(filter, groupBy);
  const rangeFor = isHourly ? hourlyRange : usageRange;
  if (filter.accountId !== undefined) return planOfAccount(filter.accountId, span, filter, dimensions, isHourly);
  const slice = GLOBAL_SLICES[dimensions.join(' ')];
  if (slice !== undefined) {
    const value = sliceValue(slice, filter);
    return {
      range: rangeFor(span),
      hour: sliceSource('hour', slice, '0', value, filter),
      day: sliceSource('day', slice, '0', value, filter),
    };
  }
  if (dimensions.some((name) => name === 'endpoint' || name === 'outcome')) throw aloneOnly();
  if (dimensions.includes('userIdentifier') && dimensions.length > 1) {
    throw filterRequired('accountId', 'End users can be filtered further within one account only: give "accountId".');
  }
  const hour = tableSource('usage_hour', 'hour', filter);
  if (dimensions.length === 1) {
    // Of end users there are as many rows an hour as events: where these are too many, days are summed up.
    if (hasFewHours) return { range: hourlyRange(span), hour, day: undefined };
    return { range: dailyRange(span), hour: undefined, day: tableSource('usage_user_day', 'day', filter) };
  }
  if (daysOf(span) > FINE_DAYS_MAX) {
    throw rangeTooLong(
      FINE_DAYS_MAX,
      'to group by account or key with another filter; with "accountId" there may be more',
    );
  }
  return { range: rangeFor(span), hour, day: tableSource('usage_day', 'day', filter) };
}

function planOfAccount(
  accountId: string,
  span: TimeSpan,
  filter: CommonFilter,
  dimensions: readonly UsageDimension[],
  isHourly: boolean,
): UsagePlan {
  const rangeFor = isHourly ? hourlyRange : usageRange;
  const others = dimensions.filter((name) => name !== 'account');
  if (others.length === 0) {
    const of = (at: 'hour' | 'day') => sliceSource(at, 'account', '0', accountId, filter);
    return { range: rangeFor(span), hour: of('hour'), day: of('day') };
  }
  const [only] = others;
  if (only === 'endpoint' || only === 'outcome' || others.some((name) => name === 'endpoint' || name === 'outcome')) {
    if (others.length > 1 || only === undefined) throw aloneOnly();
    return {
      range: dailyRange(span),
      hour: undefined,
      day: sliceSource('day', 'ending', accountId, undefined, filter),
    };
  }
  const hour = tableSource('usage_hour', 'hour', filter);
  const isFine = isHourly || (others.includes('userIdentifier') && others.length > 1);
  if (isFine && daysOf(span) > FINE_DAYS_MAX) {
    throw rangeTooLong(
      FINE_DAYS_MAX,
      'by the hour with these filters, or for end users with a filter besides the account',
    );
  }
  if (isFine) return { range: hourlyRange(span), hour, day: undefined };
  if (!others.includes('userIdentifier')) {
    return { range: usageRange(span), hour, day: tableSource('usage_day', 'day', filter) };
  }
  const day = tableSource('usage_user_day', 'day', filter);
  // All end users of a great account for long: the hours around the days would take longer than the days.
  const isCoarse = filter.userIdentifier === undefined && daysOf(span) > FINE_DAYS_MAX;
  return isCoarse ? { range: dailyRange(span), hour: undefined, day } : { range: usageRange(span), hour, day };
}

/** Dimensions that are kept by themselves for all accounts, by what is filtered or grouped. */
const GLOBAL_SLICES: Readonly<Record<string, string>> = {
  '': 'total',
  model: 'model',
  channel: 'channel',
  'model channel': 'route',
  account: 'account',
  key: 'key',
  endpoint: 'ending',
  outcome: 'ending',
};

function dimensionsOf(filter: CommonFilter, groupBy: UsageDimension | undefined): UsageDimension[] {
  const wanted: Readonly<Record<UsageDimension, boolean>> = {
    account: false,
    key: filter.keyId !== undefined,
    model: filter.model !== undefined,
    channel: filter.channelId !== undefined,
    userIdentifier: filter.userIdentifier !== undefined,
    endpoint: false,
    outcome: false,
  };
  return USAGE_DIMENSIONS.filter((name) => wanted[name] || name === groupBy);
}

/** The one value that is asked for, or undefined when several are. */
function sliceValue(slice: string, { model, channelId }: CommonFilter): string | undefined {
  if (slice === 'total') return '';
  if (slice === 'model') return model;
  if (slice === 'channel') return channelId;
  if (slice === 'route' && model !== undefined && channelId !== undefined) return `${channelId}:${model}`;
  return undefined;
}

/** Pairs: what stands before the colon has none. */
const PAIR_COLUMNS: Readonly<Record<string, Partial<Record<UsageDimension, string>>>> = {
  route: { channel: `split_part(value, ':', 1)`, model: `substr(value, strpos(value, ':') + 1)` },
  ending: { endpoint: `split_part(value, ':', 1)`, outcome: `substr(value, strpos(value, ':') + 1)` },
};

function sliceSource(
  span: 'hour' | 'day',
  dimension: string,
  accountId: string,
  value: string | undefined,
  filter: CommonFilter,
): UsageSource {
  const column = (name: UsageDimension): string => PAIR_COLUMNS[dimension]?.[name] ?? 'value';
  return {
    table: 'usage_slice',
    at: span,
    column,
    isExact: value !== undefined,
    where: (values) => {
      const conditions = [
        `span = '${span}'`,
        `dimension = '${dimension}'`,
        `account_id = ${values.add(accountId)}::bigint`,
      ];
      if (value !== undefined) return [...conditions, `value = ${values.add(value)}`];
      if (dimension !== 'route') return conditions;
      if (filter.model !== undefined) conditions.push(`${column('model')} = ${values.add(filter.model)}`);
      if (filter.channelId !== undefined) conditions.push(`${column('channel')} = ${values.add(filter.channelId)}`);
      return conditions;
    },
  };
}

const COLUMNS: Readonly<Record<UsageDimension, string>> = {
  account: 'account_id',
  key: 'key_id',
  model: 'model',
  channel: 'channel_id',
  userIdentifier: 'user_identifier',
  endpoint: 'endpoint',
  outcome: 'outcome',
};

function tableSource(table: UsageSource['table'], at: 'hour' | 'day', filter: CommonFilter): UsageSource {
  return {
    table,
    at,
    column: (dimension) => COLUMNS[dimension],
    isExact: false,
    where: (values) => filterConditions(filter, values, COLUMNS),
  };
}

/** The filter on the events themselves, which are not in any table of sums yet. */
export function eventConditions(filter: CommonFilter, values: BoundValues): string[] {
  return filterConditions(filter, values, { ...COLUMNS, userIdentifier: USAGE_GROUPS.user_identifier });
}

/** The value of a dimension in an event. */
export const EVENT_COLUMNS: Readonly<Record<UsageDimension, string>> = {
  ...COLUMNS,
  key: USAGE_GROUPS.key_id,
  channel: USAGE_GROUPS.channel_id,
  userIdentifier: USAGE_GROUPS.user_identifier,
};

function filterConditions(
  filter: CommonFilter,
  values: BoundValues,
  columns: Readonly<Record<UsageDimension, string>>,
): string[] {
  const conditions: string[] = [];
  const is = (column: string, value: string | undefined, type: string): void => {
    if (value !== undefined) conditions.push(`${column} = ${values.add(value)}::${type}`);
  };
  is(columns.account, filter.accountId, 'bigint');
  is(columns.key, filter.keyId, 'bigint');
  is(columns.model, filter.model, 'text');
  is(columns.channel, filter.channelId, 'bigint');
  is(columns.userIdentifier, filter.userIdentifier, 'text');
  return conditions;
}

function aloneOnly() {
  return filterRequired(
    'groupBy',
    'Endpoints and outcomes are counted for an account or for all, without other filters.',
  );
}
