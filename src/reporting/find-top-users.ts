import { invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';
import { BoundValues } from './bound-values.js';
import type { CommonFilter } from './check-filter.js';
import type { RollUpState } from './roll-up-state.js';
import { USAGE_ORDERS, type UsageOrder } from './usage-figures.js';
import { type LineGroup, linesText } from './usage-lines.js';
import type { UsagePlan } from './usage-source.js';

/** A group before its sums are known. */
export interface GroupKey {
  /** Whose it is, for end users; empty otherwise. */
  readonly account: string;
  readonly value: string;
}

/** What is asked, and where the answer comes from. */
export interface Reading {
  readonly session: SqlSession;
  readonly plan: UsagePlan;
  readonly state: RollUpState;
  readonly filter: CommonFilter;
}

/** Users of each day that are looked at, one try after the other. */
const DEPTHS = [400, 4_000] as const;

/** An index gives the users of a day in these orders. */
const SIZES: readonly UsageOrder[] = ['cost', 'requests'];

/** An end user is one of an account. */
export const USER_GROUPS: readonly LineGroup[] = [
  { as: 'account', type: 'bigint', of: (column) => column('account') },
  { as: 'value', type: 'text', of: (column) => column('userIdentifier') },
];

/** Whether {@link findTopUsers} can be asked: the days of all users there are. Those of one account are few enough to be added up. */
export function canFindTopUsers({ plan, filter }: Reading): boolean {
  return plan.day?.table === 'usage_user_day' && filter.accountId === undefined;
}

/**
 * Finds the end users with the greatest sums over some days without adding up every user there is, which would take seconds: of
 * hundreds of thousands that a month has, hundreds matter.
 *
 * This is the threshold algorithm of Fagin, Lotem and Naor (2001), with a list per day. The greatest of each day are candidates,
 * and so is whoever has events that are in no sum yet, which are few. Whoever else is in none of the
 * lists has on each day at most what the last one of its list has, so at most the sum of these over the days: the answer is exact
 * once the last place is above that. Where a list has all users of its day, it leaves nothing. When the lists are not deep enough
 * they are made deeper.
 *
 * @returns at most `limit` users, the greatest first; undefined when everybody has to be added up after all.
 */
export async function findTopUsers(
  reading: Reading,
  orderBy: UsageOrder,
  limit: number,
): Promise<GroupKey[] | undefined> {
  for (const depth of DEPTHS) {
    const values = new BoundValues();
    const text = topText(reading, orderBy, { limit, depth }, values);
    const rows = await reading.session.query<GroupKey & { is_exact: boolean }>(text, values.all);
    if (rows.every((row) => row.is_exact)) return rows.map(({ account, value }) => ({ account, value }));
  }
  return undefined;
}

/** @throws HubError 400 naming `orderBy` when no index has that order for the end users of all accounts. */
export function checkTopOrder(orderBy: UsageOrder): void {
  if (SIZES.includes(orderBy)) return;
  throw invalidRequest(
    `The end users of all accounts can be ordered by ${SIZES.join(' or ')}. Give "accountId" for other orders.`,
    'orderBy',
  );
}

/**
 * `rest` is what somebody may have who is in no list; `seen` what candidates have on the days whose lists they are in. Only
 * candidates that could get among the first, with as much on their other days as the lists leave, are added up in full.
 */
function topText(
  { plan, state, filter }: Reading,
  orderBy: UsageOrder,
  { limit, depth }: { readonly limit: number; readonly depth: number },
  values: BoundValues,
): string {
  const size = USAGE_ORDERS[orderBy];
  const { days } = plan.range;
  const around = linesText(
    { plan: { ...plan, day: undefined }, state, filter, groups: USER_GROUPS, sums: [{ as: 'size', value: size }] },
    values,
  );
  const all = values.add(days.map((day) => day.toISOString()));
  const [first, last] = [days[0], days.at(-1)].map((day) => `${values.add(day ?? null)}::timestamptz`);
  const [places, rows] = [limit, depth].map((number) => `${values.add(number)}::int`);
  const wholeOf = (users: string): string => `
    select c.account, c.value, coalesce(d.size, 0) + coalesce(t.size, 0) as size
      from ${users} c
      left join lateral (
        select sum(u.${size}) as size from usage_user_day u
         where u.account_id = c.account and u.user_identifier = c.value and u.day >= ${first} and u.day <= ${last}) d on true
      left join tail t on t.account = c.account and t.value = c.value`;
  return `
    with tail as materialized (select account, value, sum(size) as size from (${around}) lines group by 1, 2),
    lists as materialized (
      select d.day, l.* from unnest(${all}::text[]::timestamptz[]) d (day) cross join lateral (
        select u.account_id as account, u.user_identifier as value, u.${size} as size from usage_user_day u
         where u.day = d.day order by u.${size} desc limit ${rows}) l),
    ends as (
      select day, case when count(*) < ${rows} then 0 else greatest(min(size), 0) end as size from lists group by day),
    rest as materialized (select coalesce(sum(size), 0) as size from ends),
    seen as materialized (
      select l.account, l.value, sum(l.size) as size, sum(e.size) as ends from lists l join ends e using (day) group by 1, 2),
    candidates as materialized (
      select account, value, sum(size) as size, sum(ends) as ends
        from (select * from seen union all select account, value, size, 0 from tail) c group by 1, 2),
    first_guess as materialized (select account, value from candidates order by size desc limit ${places}),
    guessed as materialized (${wholeOf('first_guess')}),
    bar as materialized (
      select case when count(*) < ${places} then null else min(size) end as size from guessed),
    kept as materialized (
      select c.account, c.value from candidates c cross join bar b cross join rest r
       where b.size is null or c.size + r.size - c.ends >= b.size),
    ranked as (select * from (${wholeOf('kept')}) w order by size desc, account, value collate "C" limit ${places})
    select r.account::text, r.value,
           (select size from rest) = 0
             or ((select count(*) from ranked) = ${places} and (select min(size) from ranked) > (select size from rest)) as is_exact
      from ranked r order by r.size desc, r.account, r.value collate "C"`;
}
