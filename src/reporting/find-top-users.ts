import { invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';
import type { RollUpState } from './roll-up-state.js';
import type { UsageOrder } from './usage-figures.js';
import type { UsageRange } from './usage-range.js';
import { EVENT_COLUMNS } from './usage-source.js';

/** A group before its sums are known. */
export interface GroupKey {
  /** Whose it is, for end users; empty otherwise. */
  readonly account: string;
  readonly value: string;
}

/** Users of each day that are looked at, one try after the other. */
const DEPTHS = [400, 4_000] as const;

/** An index gives the users of a day in these orders. */
const SIZES: Partial<Record<UsageOrder, { readonly column: string; readonly ofEvent: string }>> = {
  cost: { column: 'cost', ofEvent: 'cost' },
  requests: { column: 'requests', ofEvent: 'is_final::int' },
};

/**
 * Finds the end users of all accounts with the greatest sums over some days without adding up every user there is, which
 * would take seconds: of hundreds of thousands that a month has, hundreds matter.
 *
 * This is the threshold algorithm of Fagin, Lotem and Naor (2001), with a list per day. The greatest of each day are candidates.
 * Whoever is in none of the lists has on each day at most what the last one of its list has, so at most the sum of these over
 * the days: the answer is exact once the last place is above that. Where a list has all users of its day, it leaves nothing.
 * When the lists are not deep enough they are made deeper, and in the end everybody is added up.
 *
 * @returns at most `limit` users, the greatest first.
 * @throws HubError 400 naming `orderBy` when no index has that order.
 */
export async function findTopUsers(
  session: SqlSession,
  range: UsageRange,
  state: RollUpState,
  orderBy: UsageOrder,
  limit: number,
): Promise<GroupKey[]> {
  const size = topSize(orderBy);
  const days = range.days.map((day) => day.toISOString());
  const tail = [state.isComplete ? state.watermark : null, range.from, range.to];
  for (const depth of DEPTHS) {
    const rows = await session.query<{ account: string; value: string; is_exact: boolean }>(topText(size), [
      days,
      limit,
      ...tail,
      depth,
    ]);
    if (rows.every((row) => row.is_exact)) return rows.map(({ account, value }) => ({ account, value }));
  }
  return await session.query<GroupKey>(allText(size), [days, limit, ...tail]);
}

/** What users are ordered by. @throws HubError 400 naming `orderBy` when no index has that order. */
export function topSize(orderBy: UsageOrder): { readonly column: string; readonly ofEvent: string } {
  const size = SIZES[orderBy];
  if (size === undefined) {
    throw invalidRequest(
      `The end users of all accounts can be ordered by ${Object.keys(SIZES).join(' or ')}. Give "accountId" for other orders.`,
      'orderBy',
    );
  }
  return size;
}

const RANKED = `order by size desc, account, value collate "C" limit $2::int`;
const USERS = 'usage_user_day u';
/** A subquery, which runs once: the texts would be read as times for every user. */
const DAYS = '(select $1::text[]::timestamptz[])::timestamptz[]';

/** Events that are in no day yet, by user. Without a watermark there are none to be added. */
function tailText({ ofEvent }: { ofEvent: string }): string {
  return `select account_id as account, ${EVENT_COLUMNS.userIdentifier} as value, sum(${ofEvent}) as size
            from usage_event
           where tx >= $3::text::xid8 and created_at >= $4::timestamptz and created_at < $5::timestamptz group by 1, 2`;
}

function allText(size: { column: string; ofEvent: string }): string {
  return `select account::text, value from (
            select account_id as account, user_identifier as value, sum(${size.column}) as size from ${USERS}
             where day = any (${DAYS}) group by 1, 2
            union all ${tailText(size)}) lines
           group by account, value ${RANKED.replace('size', 'sum(size)')}`;
}

/**
 * `rest` is what somebody may have who is in no list; `seen` what candidates have on the days whose lists they are in. Only
 * candidates that could get among the first, with as much on their other days as the lists leave, are added up in full.
 */
function topText(size: { column: string; ofEvent: string }): string {
  const wholeOf = (users: string): string => `
    select c.account, c.value, coalesce(d.size, 0) + coalesce(t.size, 0) as size
      from ${users} c
      left join lateral (
        select sum(u.${size.column}) as size from ${USERS}
         where u.account_id = c.account and u.user_identifier = c.value and u.day = any (${DAYS})) d on true
      left join tail t on t.account = c.account and t.value = c.value`;
  return `
    with tail as materialized (${tailText(size)}),
    lists as materialized (
      select d.day, l.* from unnest($1::text[]::timestamptz[]) d (day) cross join lateral (
        select u.account_id as account, u.user_identifier as value, u.${size.column} as size from ${USERS}
         where u.day = d.day order by u.${size.column} desc limit $6::int) l),
    ends as (
      select day, case when count(*) < $6::int then 0 else greatest(min(size), 0) end as size from lists group by day),
    rest as materialized (select coalesce(sum(size), 0) as size from ends),
    seen as materialized (
      select l.account, l.value, sum(l.size) as size, sum(e.size) as ends from lists l join ends e using (day) group by 1, 2),
    candidates as materialized (
      select account, value, sum(size) as size, sum(ends) as ends
        from (select * from seen union all select account, value, size, 0 from tail) c group by 1, 2),
    first_guess as materialized (select account, value from candidates order by size desc limit $2::int),
    guessed as materialized (${wholeOf('first_guess')}),
    bar as materialized (
      select case when count(*) < $2::int then null else min(size) end as size from guessed),
    kept as materialized (
      select c.account, c.value from candidates c cross join bar b cross join rest r
       where b.size is null or c.size + r.size - c.ends >= b.size),
    ranked as (select * from (${wholeOf('kept')}) w ${RANKED})
    select r.account::text, r.value,
           (select size from rest) = 0
             or ((select count(*) from ranked) = $2::int and (select min(size) from ranked) > (select size from rest)) as is_exact
      from ranked r order by r.size desc, r.account, r.value collate "C"`;
}
