import { USAGE_SUMS, type UsageSum } from '../usage/usage-sums.js';
import type { BoundValues } from './bound-values.js';
import type { CommonFilter } from './check-filter.js';
import type { RollUpState } from './roll-up-state.js';
import {
  EVENT_COLUMNS,
  eventConditions,
  type UsageDimension,
  type UsagePlan,
  type UsageSource,
} from './usage-source.js';

/** What lines are grouped by, as each table that has a part of the answer says it. */
export interface LineGroup {
  readonly of: (column: (dimension: UsageDimension) => string, at: string) => string;
  readonly as: string;
  /** SQL type that the parts are brought to. */
  readonly type: 'text' | 'bigint' | 'timestamptz';
}

/** What is summed: a column of the result, from columns of sums. */
export interface LineSum {
  readonly as: string;
  /** An expression of the columns of a roll-up table. */
  readonly value: string;
}

/** A statement that gives the lines of a plan: the sums of each table, and the events that are in none. */
export interface LinesOrder {
  readonly plan: UsagePlan;
  readonly state: RollUpState;
  readonly filter: CommonFilter;
  readonly groups: readonly LineGroup[];
  readonly sums: readonly LineSum[];
  /** One more condition on what lines are grouped by, as each table says it. */
  readonly among?: (column: (dimension: UsageDimension) => string) => string;
}

/** The text of a query with one line per group and table; the same group can have several lines, which are to be added up. */
export function linesText(order: LinesOrder, values: BoundValues): string {
  const { plan, state } = order;
  const parts: string[] = [];
  for (const times of runsOf(plan.range.hours, 3_600_000)) {
    if (plan.hour !== undefined) parts.push(partText(order, plan.hour, times, 3_600_000, values));
  }
  if (plan.day !== undefined && plan.range.days.length > 0) {
    parts.push(partText(order, plan.day, plan.range.days, 86_400_000, values));
  }
  if (state.isComplete) parts.push(tailText(order, values));
  // Nothing to read gives no line.
  return parts.length > 0 ? parts.map((part) => `(${part})`).join(' union all ') : emptyText(order);
}

function partText(
  order: LinesOrder,
  source: UsageSource,
  times: readonly Date[],
  stepMs: number,
  values: BoundValues,
): string {
  const at = source.table === 'usage_slice' ? 'at' : source.at;
  const first = times[0] ?? new Date(0);
  const end = new Date((times.at(-1) ?? first).getTime() + stepMs);
  // A subquery, which runs once: the texts would be read as times for every row.
  const time = source.isExact
    ? `${at} = any ((select ${values.add(times.map((moment) => moment.toISOString()))}::text[]::timestamptz[])::timestamptz[])`
    : `${at} >= ${values.add(first)}::timestamptz and ${at} < ${values.add(end)}::timestamptz`;
  const among = order.among === undefined ? [] : [order.among(source.column)];
  return lineText(
    order,
    source.column,
    at,
    order.sums.map(({ value }) => value),
    source.table,
    [time, ...source.where(values), ...among],
  );
}

/** Events of transactions that had not ended when the sums were made, or that came since. */
function tailText(order: LinesOrder, values: BoundValues): string {
  const { range } = order.plan;
  const column = (dimension: UsageDimension): string => EVENT_COLUMNS[dimension];
  const among = order.among === undefined ? [] : [order.among(column)];
  const sums = order.sums.map(({ value }) => value.replaceAll(/[a-z_]+/g, (name) => eventValue(name)));
  return lineText(order, column, 'created_at', sums, 'usage_event', [
    `tx >= ${values.add(order.state.watermark)}::text::xid8`,
    `created_at >= ${values.add(range.from)}::timestamptz`,
    `created_at < ${values.add(range.to)}::timestamptz`,
    ...eventConditions(order.filter, values),
    ...among,
  ]);
}

function eventValue(name: string): string {
  return name in USAGE_SUMS ? `(${USAGE_SUMS[name as UsageSum]})` : name;
}

function lineText(
  { groups, sums }: LinesOrder,
  column: (dimension: UsageDimension) => string,
  at: string,
  summed: readonly string[],
  table: string,
  where: readonly string[],
): string {
  const grouped = groups.map(({ of }) => of(column, at));
  const columns = [
    ...groups.map(({ as, type }, index) => `(${grouped[index]})::${type} as ${as}`),
    ...sums.map(({ as }, index) => `sum(${summed[index]})::numeric as ${as}`),
  ];
  const groupBy = groups.length === 0 ? 'having count(*) > 0' : `group by ${grouped.join(', ')}`;
  return `select ${columns.join(', ')} from ${table} where ${where.join(' and ')} ${groupBy}`;
}

function emptyText({ groups, sums }: LinesOrder): string {
  const columns = [
    ...groups.map(({ as, type }) => `null::${type} as ${as}`),
    ...sums.map(({ as }) => `null::numeric as ${as}`),
  ];
  return `select ${columns.join(', ')} where false`;
}

/** Cuts moments where one does not follow upon the other: the hours before and after whole days. */
function runsOf(times: readonly Date[], stepMs: number): Date[][] {
  const runs: Date[][] = [];
  for (const time of times) {
    const last = runs.at(-1);
    if (last !== undefined && time.getTime() - (last.at(-1)?.getTime() ?? 0) === stepMs) last.push(time);
    else runs.push([time]);
  }
  return runs;
}
