import { invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';
import { BoundValues } from './bound-values.js';
import type { CommonFilter } from './check-filter.js';
import {
  canFindTopUsers,
  checkTopOrder,
  findTopUsers,
  type GroupKey,
  type Reading,
  USER_GROUPS,
} from './find-top-users.js';
import {
  ADDED_UP,
  ALL_SUMS,
  answerOf,
  completeFilter,
  sumUp,
  type UsageAnswer,
  type UsageScope,
} from './read-usage.js';
import { readRollUpState } from './roll-up-state.js';
import {
  lessFigures,
  type SumsRow,
  toFigures,
  USAGE_ORDERS,
  type UsageFigures,
  type UsageOrder,
} from './usage-figures.js';
import { type LineGroup, type LineSum, linesText } from './usage-lines.js';
import { hourlyRange, type TimeSpan } from './usage-range.js';
import { planUsage, type UsageDimension, type UsagePlan, type UsageSource } from './usage-source.js';

/** Most groups of an answer. */
export const USAGE_GROUPS_MAX = 100;

/** Sums of one value of a dimension. */
export interface UsageGroup {
  /** As stored: an id, a name, or an empty text for requests that named no user. Null for requests without a key or channel. */
  readonly value: string | null;
  /** Whose it is, for end users; null otherwise. */
  readonly accountId: string | null;
  readonly figures: UsageFigures;
}

/** The greatest groups, and the rest together. */
export interface UsageGroups extends UsageAnswer {
  readonly by: UsageDimension;
  readonly orderBy: UsageOrder;
  /** Greatest first; of equal ones the one with the lower value in the order of bytes. */
  readonly groups: readonly UsageGroup[];
  /** What the groups that are not shown sum up to. */
  readonly other: UsageFigures;
  /** True when there are groups that are not shown. */
  readonly hasOther: boolean;
  readonly totals: UsageFigures;
}

/** How groups are asked for. */
export interface UsageGrouping {
  readonly by: UsageDimension;
  readonly orderBy: UsageOrder;
  /** From 1 to {@link USAGE_GROUPS_MAX}. */
  readonly limit: number;
}

/**
 * Sums by the values of one dimension: the greatest are ranked by what they are ordered by alone, and then summed up in full.
 *
 * End users of all accounts are ordered by cost or requests only.
 *
 * @param session sees one moment of the database: `Reports.snapshot`.
 * @throws HubError 400 naming the field at fault.
 */
export async function readUsageGroups(
  session: SqlSession,
  scope: UsageScope,
  { by, orderBy, limit }: UsageGrouping,
): Promise<UsageGroups> {
  if (!Number.isInteger(limit) || limit < 1 || limit > USAGE_GROUPS_MAX) {
    throw invalidRequest(`"limit" must be a whole number from 1 to ${USAGE_GROUPS_MAX}.`, 'limit');
  }
  const state = await readRollUpState(session);
  const filter = await completeFilter(session, scope);
  // Whether there are few or many of them, so that the same question is not refused one day and answered on another.
  if (by === 'userIdentifier' && filter.accountId === undefined) checkTopOrder(orderBy);
  const hasFewHours = by === 'userIdentifier' && filter.accountId === undefined && (await areFewHours(session, scope));
  const plan = planUsage({ span: scope, filter, groupBy: by, isHourly: false, hasFewHours });
  const reading = { session, plan, state, filter };
  const { groups, hasOther } = isLookedUp(plan)
    ? await rankThenSum(reading, by, orderBy, limit)
    : await sumThenRank(reading, by, orderBy, limit);
  const totals = await sumUp(session, totalsPlan(plan, filter), state, filter);
  return {
    ...answerOf(plan, state),
    by,
    orderBy,
    groups,
    other: lessFigures(
      totals,
      groups.map(({ figures }) => figures),
    ),
    hasOther,
    totals,
  };
}

/** Rows of hours that are read for end users of all accounts; more of them are counted in whole days. */
const HOUR_ROWS_MAX = 5_000;

async function areFewHours(session: SqlSession, span: TimeSpan): Promise<boolean> {
  const { from, to } = hourlyRange(span);
  const [found] = await session.query<{ few: boolean }>(
    `select not exists (
       select from usage_hour where hour >= $1::timestamptz and hour < $2::timestamptz offset $3::int) as few`,
    [from, to, HOUR_ROWS_MAX],
  );
  return found?.few === true;
}

/** The same time as the groups: without a group a smaller table would do, but other hours. */
function totalsPlan(plan: UsagePlan, filter: CommonFilter): UsagePlan {
  const { range } = plan;
  const whole = planUsage({ span: range, filter, groupBy: undefined, isHourly: false });
  return whole.range.from.getTime() === range.from.getTime() && whole.range.to.getTime() === range.to.getTime()
    ? whole
    : plan;
}

function groupsOf(by: UsageDimension): readonly LineGroup[] {
  return by === 'userIdentifier' ? USER_GROUPS : [{ as: 'value', type: 'text', of: (column) => column(by) }];
}

/** Text in the order of bytes, which is the same on every server. */
const ORDER_OF_VALUES = 'value collate "C"';

/** Whether there is an index that leads to the sums of a group, so that all others need not be summed up in full. */
function isLookedUp({ day, range }: UsagePlan): boolean {
  return day?.table === 'usage_slice' || (day?.table === 'usage_user_day' && range.days.length > 0);
}

interface TopGroups {
  readonly groups: UsageGroup[];
  readonly hasOther: boolean;
}

async function rankThenSum(
  reading: Reading,
  by: UsageDimension,
  orderBy: UsageOrder,
  limit: number,
): Promise<TopGroups> {
  const top = canFindTopUsers(reading) ? await findTopUsers(reading, orderBy, limit + 1) : undefined;
  const ranked = top ?? (await rank(reading, by, orderBy, limit + 1));
  return { groups: await sumGroups(reading, by, ranked.slice(0, limit)), hasOther: ranked.length > limit };
}

async function rank(reading: Reading, by: UsageDimension, orderBy: UsageOrder, limit: number): Promise<GroupKey[]> {
  const values = new BoundValues();
  const text = rankedText(reading, by, { orderBy, limit, sums: [], columns: '' }, values);
  const rows = await reading.session.query<{ account?: string; value: string }>(text, values.all);
  return rows.map(({ account, value }) => ({ account: account ?? '', value }));
}

/** In one go, where looking up the shown groups would read the same rows again. */
async function sumThenRank(
  reading: Reading,
  by: UsageDimension,
  orderBy: UsageOrder,
  limit: number,
): Promise<TopGroups> {
  const values = new BoundValues();
  const wanted = { orderBy, limit: limit + 1, sums: ALL_SUMS, columns: `, ${ADDED_UP}` };
  const text = rankedText(reading, by, wanted, values);
  const rows = await reading.session.query<SumsRow & { account?: string; value: string }>(text, values.all);
  return { groups: rows.slice(0, limit).map((row) => toGroup(by, row)), hasOther: rows.length > limit };
}

function rankedText(
  { plan, state, filter }: Reading,
  by: UsageDimension,
  wanted: {
    readonly orderBy: UsageOrder;
    readonly limit: number;
    readonly sums: readonly LineSum[];
    readonly columns: string;
  },
  values: BoundValues,
): string {
  const groups = groupsOf(by);
  const sums = [...wanted.sums, { as: 'size', value: USAGE_ORDERS[wanted.orderBy] }];
  const lines = linesText({ plan, state, filter, groups, sums }, values);
  const names = groups.map(({ as }) => as);
  return `select ${names.join(', ')}${wanted.columns} from (${lines}) lines group by ${names.join(', ')}
    order by sum(size) desc, ${names.length > 1 ? 'account, ' : ''}${ORDER_OF_VALUES} limit ${values.add(wanted.limit)}::int`;
}

function toGroup(by: UsageDimension, row: SumsRow & { readonly account?: string; readonly value: string }): UsageGroup {
  const isNothing = (by === 'key' || by === 'channel') && row.value === '0';
  return { value: isNothing ? null : row.value, accountId: row.account ?? null, figures: toFigures(row) };
}

/** Everything about the groups that are shown, in their order. */
async function sumGroups(reading: Reading, by: UsageDimension, keys: readonly GroupKey[]): Promise<UsageGroup[]> {
  if (keys.length === 0) return [];
  const { session, plan, state, filter } = reading;
  const values = new BoundValues();
  const groups = groupsOf(by);
  const isUser = by === 'userIdentifier';
  const wanted = values.add(keys.map(({ value }) => value));
  const owners = isUser ? values.add(keys.map(({ account }) => account)) : '';
  const among = (column: (dimension: UsageDimension) => string): string => {
    if (!isUser) return `(${column(by)})::text = any (${wanted}::text[])`;
    return `(${column('account')}, ${column(by)}) in (select * from unnest(${owners}::bigint[], ${wanted}::text[]))`;
  };
  const lines = linesText({ plan: exactTimes(plan), state, filter, groups, sums: ALL_SUMS, among }, values);
  const names = groups.map(({ as }) => as);
  const rows = await session.query<SumsRow & { account?: string; value: string }>(
    `select ${names.join(', ')}, ${ADDED_UP} from (${lines}) lines group by ${names.join(', ')}`,
    values.all,
  );
  const found = new Map(rows.map((row) => [keyText(row.account ?? '', row.value), toGroup(by, row)]));
  return keys.flatMap(({ account, value }) => found.get(keyText(account, value)) ?? []);
}

/** With the groups known, each of their days and hours is one look into the index of slices. */
function exactTimes(plan: UsagePlan): UsagePlan {
  const exact = (source: UsageSource | undefined): UsageSource | undefined =>
    source?.table === 'usage_slice' ? { ...source, isExact: true } : source;
  return { ...plan, hour: exact(plan.hour), day: exact(plan.day) };
}

function keyText(account: string, value: string): string {
  return `${account}:${value}`;
}
