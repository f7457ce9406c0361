import type { SqlParameter, SqlSession } from '../database/sql.js';
import type { AuditRow } from './audit-row.js';

/** Which rows are wanted; what is null or absent does not matter. */
export interface AuditQuery {
  readonly actorUserId?: string | null | undefined;
  /** How the action begins. */
  readonly action?: string | null | undefined;
  readonly subjectKind?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly from?: Date | null | undefined;
  /** Exclusive. */
  readonly to?: Date | null | undefined;
}

/** Which page. */
export interface AuditPage {
  /** A number of a row, for the next page. */
  readonly before: string | null;
  readonly limit: number;
}

/**
 * Rows are numbered in the order of their times, unless the clock was set back in between. This many rows may have been written
 * until it was again where it had been.
 */
const ROWS_OUT_OF_ORDER_MAX = 1000;
/** The largest number of a row. */
const SEQ_MAX = 2n ** 63n - 1n;
const COLUMNS = `l.seq, l.created_at as "createdAt", l.actor_kind as "actorKind", l.actor_user_id as "actorUserId", l.actor,
  l.address, l.request_id as "requestId", l.action, l.subject_kind as "subjectKind", l.subject_id as "subjectId",
  l.account_id as "accountId", l.reason, l.before, l.after`;

/**
 * Rows of the audit log, newest first. A span of time, a person, an account, a kind and the beginning of an action have an index
 * each, and conditions only where something is asked for, so that none of them alone reads rows that it does not want.
 */
export async function listAuditLog(
  session: SqlSession,
  { action, from, to, ...query }: AuditQuery,
  { before, limit }: AuditPage,
): Promise<AuditRow[]> {
  const span = await spanOf(session, { from, to, before });
  if (span === undefined) return [];
  const parameters: SqlParameter[] = [limit, span.first, span.last];
  const conditions: string[] = [];
  const add = (comparison: string, type: string, value: string | Date | null | undefined): void => {
    if (value != null) conditions.push(`and ${comparison} $${parameters.push(value)}::${type}`);
  };
  add('l.actor_user_id =', 'bigint', query.actorUserId);
  add('l.subject_kind =', 'text', query.subjectKind);
  add('l.subject_id =', 'text', query.subjectId);
  add('l.account_id =', 'bigint', query.accountId);
  add('l.created_at >=', 'timestamptz', from);
  add('l.created_at <', 'timestamptz', to);
  if (action == null || action === '') {
    return session.query<AuditRow>(
      `select ${COLUMNS} from audit_log l
        where l.seq >= $2::bigint and l.seq <= $3::bigint ${conditions.join(' ')} order by l.seq desc limit $1`,
      parameters,
    );
  }
  const actions = await actionsThatBegin(session, action);
  // Compared and sorted as pairs, which only the index of both can do: equal actions in the order of numbers would also be found by
  // reading all rows backwards, and for an action that is rare the planner takes that to be short.
  return session.query<AuditRow>(
    `select ${COLUMNS}
       from unnest($${parameters.push(actions)}::text[]) a (action)
      cross join lateral (
        select * from audit_log l
         where (l.action, l.seq) >= (a.action, $2::bigint) and (l.action, l.seq) <= (a.action, $3::bigint) ${conditions.join(' ')}
         order by l.action desc, l.seq desc limit $1) l
      order by l.seq desc limit $1`,
    parameters,
  );
}

/**
 * The numbers between which all rows of a span of time are, and before a page; others can be among them.
 * @returns undefined when there are none.
 */
async function spanOf(
  session: SqlSession,
  { from, to, before }: Pick<AuditQuery, 'from' | 'to'> & Pick<AuditPage, 'before'>,
): Promise<{ readonly first: string; readonly last: string } | undefined> {
  const last = before === null ? SEQ_MAX : BigInt(before) - 1n;
  if (from == null && to == null) return { first: '1', last: String(last) };
  const [row] = await session.query<{ first: string | null; last: string | null }>(
    `select case when $1::timestamptz is null then 1::bigint else (select min(seq) from (
              select seq from audit_log where created_at >= $1 order by created_at, seq limit ${ROWS_OUT_OF_ORDER_MAX}) t) end as first,
            case when $2::timestamptz is null then ${SEQ_MAX} else (select max(seq) from (
              select seq from audit_log where created_at < $2 order by created_at desc, seq desc limit ${ROWS_OUT_OF_ORDER_MAX}) t) end as last`,
    [from ?? null, to ?? null],
  );
  if (row?.first == null || row.last === null) return undefined;
  return { first: row.first, last: BigInt(row.last) < last ? row.last : String(last) };
}

/** The actions that there are, from one to the next in the index: there are few, however many rows there are. */
async function actionsThatBegin(session: SqlSession, beginning: string): Promise<string[]> {
  const rows = await session.query<{ action: string }>(
    `with recursive every (action) as (
       select min(action) from audit_log
       union all
       select (select min(l.action) from audit_log l where l.action > e.action) from every e where e.action is not null)
     select action from every where starts_with(action, $1)`,
    [beginning],
  );
  return rows.map(({ action }) => action);
}
