import type { Sql, SqlSession } from '../database/sql.js';
import { addToHours, addToStatistics } from './add-to-sums.js';

/** Some tens of milliseconds of work: the embedded database, and with it the hub, does nothing else meanwhile. */
export const EVENTS_PER_STEP = 1_000;

/**
 * How a step ended. `busy`: another instance is at it. `foreign`: the watermark is ahead of this server's transactions, so the
 * data was restored from another one and the sums must be rebuilt. `more`: events are left. `done`: none are.
 */
export type RollUpStep = 'busy' | 'foreign' | 'more' | 'done';

/**
 * Adds the next events to the sums of their hours and to the statistics, in one transaction, and moves the watermarks past them.
 *
 * A watermark is a transaction number, not a row id: a row that commits late has an id below those that were read before
 * it, and would be skipped. Every transaction before `pg_snapshot_xmin` has ended, so what is before it is complete.
 *
 * Hours and statistics have a watermark each, which are equal unless a hub of the version before, which knows only hours, has
 * worked on them. Then a step takes events for the one that is behind, up to where the other one is.
 *
 * @param eventsMax about how many events one step takes; all events of one transaction go together.
 */
export function rollUpUsage(sql: Sql, eventsMax = EVENTS_PER_STEP): Promise<RollUpStep> {
  return sql.transaction(async (session) => {
    const marks = await lockWatermarks(session);
    if (marks === undefined) return 'busy';
    const { hours, statistics } = marks;
    const isTogether = hours === statistics;
    const from = hours < statistics ? hours : statistics;
    // After the lock: each statement sees what had been committed when it began.
    const range = await nextRange(session, from, isTogether ? undefined : hours + statistics - from, eventsMax);
    if (BigInt(range.ended) < hours || BigInt(range.ended) < statistics) return 'foreign';
    // Nothing to add still moves the one that is behind.
    if (!range.has_events && isTogether) return 'done';
    const until = cutRange(from, range);
    if (hours === from) await addToHours(session, from, until);
    if (statistics === from) await addToStatistics(session, from, until);
    await session.query(
      `update usage_rollup_state set watermark = $1::text::xid8, statistics_watermark = $2::text::xid8, updated_at = now()`,
      [hours === from ? until : hours, statistics === from ? until : statistics],
    );
    return range.cut === null && isTogether ? 'done' : 'more';
  });
}

async function lockWatermarks(session: SqlSession): Promise<{ hours: bigint; statistics: bigint } | undefined> {
  const [row] = await session.query<{ watermark: string; statistics: string }>(
    `select watermark::text, statistics_watermark::text as statistics from usage_rollup_state for update skip locked`,
  );
  return row && { hours: BigInt(row.watermark), statistics: BigInt(row.statistics) };
}

interface Range {
  /** Every transaction before this one has ended. */
  readonly ended: string;
  /** The step may take events of transactions before this one. */
  readonly horizon: string;
  readonly has_events: boolean;
  /** Transaction of the first event that is too many, or null when all fit into the step. */
  readonly cut: string | null;
}

async function nextRange(
  session: SqlSession,
  from: bigint,
  ceiling: bigint | undefined,
  eventsMax: number,
): Promise<Range> {
  const [row] = await session.query<Range>(
    `select s.ended::text, s.horizon::text,
            exists (select from usage_event e where e.tx >= $1::text::xid8 and e.tx < s.horizon) as has_events,
            (select e.tx::text from usage_event e where e.tx >= $1::text::xid8 and e.tx < s.horizon
              order by e.tx offset $2::int limit 1) as cut
       from (select n.ended, case when n.ended > $3::text::xid8 then $3::text::xid8 else n.ended end as horizon
               from (select pg_snapshot_xmin(pg_current_snapshot()) as ended) n) s`,
    [from, eventsMax, ceiling ?? null],
  );
  if (row === undefined) throw new Error('A select without a table gave no row');
  return row;
}

/** Where a step ends. When its first transaction alone has too many events, it is taken whole. */
function cutRange(from: bigint, { horizon, cut }: Range): bigint {
  if (cut === null) return BigInt(horizon);
  return BigInt(cut) === from ? from + 1n : BigInt(cut);
}
