import type { Sql, SqlSession } from '../database/sql.js';
import { ALL_SUMS, addToHours, addToStatistics, MAIN_SUMS } from './add-to-sums.js';
import { PASSED_SUMS } from './usage-sums.js';

/** Some tens of milliseconds of work: the embedded database, and with it the hub, does nothing else meanwhile. */
export const EVENTS_PER_STEP = 1_000;

/**
 * How a step ended. `busy`: another instance is at it. `foreign`: the watermark is ahead of this server's transactions, so the
 * data was restored from another one and the sums must be rebuilt. `emptied`: so they must, since a hub of the version before
 * has emptied them and knows only some. `more`: events are left. `done`: none are.
 */
export type RollUpStep = 'busy' | 'foreign' | 'emptied' | 'more' | 'done';

/** Up to where sums are made. */
interface Watermarks {
  /** Of `usage_hour`, and of the other tables, without {@link PASSED_SUMS}. */
  readonly hours: bigint;
  readonly statistics: bigint;
  /** Of {@link PASSED_SUMS} in all tables. */
  readonly passed: bigint;
}

/**
 * Adds the next events to the sums of their hours and to the statistics, in one transaction, and moves the watermarks past them.
 *
 * A watermark is a transaction number, not a row id: a row that commits late has an id below those that were read before
 * it, and would be skipped. Every transaction before `pg_snapshot_xmin` has ended, so what is before it is complete.
 *
 * Hours, statistics and the sums that hubs of the version before do not keep have a watermark each, which are equal unless such a
 * hub has worked on them, or the sums are new. Then a step takes events for what is behind, up to where the others are. What
 * that is for the new sums can be all events there are, so new events are not kept waiting for it.
 *
 * @param eventsMax about how many events one step takes, and besides for the new sums; all events of one transaction go together.
 */
export function rollUpUsage(sql: Sql, eventsMax = EVENTS_PER_STEP): Promise<RollUpStep> {
  return sql.transaction(async (session) => {
    const marks = await lockWatermarks(session);
    if (typeof marks === 'string') return marks;
    const main = await addNext(session, marks, eventsMax);
    if (main === 'foreign') return main;
    const rest = await addPassed(session, main.marks, eventsMax);
    const { hours, statistics, passed } = rest.marks;
    if (hours !== marks.hours || statistics !== marks.statistics || passed !== marks.passed) {
      await session.query(
        `update usage_rollup_state set watermark = $1::text::xid8, statistics_watermark = $2::text::xid8,
                passed_watermark = $3::text::xid8, updated_at = now()`,
        [hours, statistics, passed],
      );
    }
    return main.isDone && rest.isDone ? 'done' : 'more';
  });
}

async function lockWatermarks(session: SqlSession): Promise<Watermarks | 'busy' | 'emptied'> {
  const [row] = await session.query<{ watermark: string; statistics: string; passed: string | null }>(
    `select watermark::text, statistics_watermark::text as statistics, passed_watermark::text as passed
       from usage_rollup_state for update skip locked`,
  );
  if (row === undefined) return 'busy';
  if (row.passed === null) return 'emptied';
  const marks = { hours: BigInt(row.watermark), statistics: BigInt(row.statistics), passed: BigInt(row.passed) };
  return marks.passed > lesser(marks.hours, marks.statistics) ? 'emptied' : marks;
}

/** A part of a step: where the watermarks are after it, and whether it has left nothing. */
interface Added {
  readonly marks: Watermarks;
  readonly isDone: boolean;
}

/** New events: for all sums where these are equally far, else for the hours or statistics that are behind. */
async function addNext(session: SqlSession, marks: Watermarks, eventsMax: number): Promise<Added | 'foreign'> {
  const { hours, statistics, passed } = marks;
  const isTogether = hours === statistics;
  const from = lesser(hours, statistics);
  // After the lock: each statement sees what had been committed when it began.
  const range = await nextRange(session, from, isTogether ? undefined : hours + statistics - from, eventsMax);
  if (BigInt(range.ended) < hours || BigInt(range.ended) < statistics) return 'foreign';
  // Nothing to add still moves the one that is behind.
  if (!range.has_events && isTogether) return { marks, isDone: true };
  const until = cutRange(from, range);
  const isOfAll = isTogether && passed === from;
  const sums = isOfAll ? ALL_SUMS : MAIN_SUMS;
  if (hours === from) await addToHours(session, from, until, sums);
  if (statistics === from) await addToStatistics(session, from, until, sums);
  return {
    marks: {
      hours: hours === from ? until : hours,
      statistics: statistics === from ? until : statistics,
      passed: isOfAll ? until : passed,
    },
    isDone: range.cut === null && isTogether,
  };
}

/** What the sums that hubs of the version before do not keep still lack of what the others have. */
async function addPassed(session: SqlSession, marks: Watermarks, eventsMax: number): Promise<Added> {
  const { hours, statistics, passed } = marks;
  const ceiling = lesser(hours, statistics);
  if (passed === ceiling) return { marks, isDone: true };
  const range = await nextRange(session, passed, ceiling, eventsMax);
  const until = cutRange(passed, range);
  await addToHours(session, passed, until, PASSED_SUMS);
  await addToStatistics(session, passed, until, PASSED_SUMS);
  return { marks: { ...marks, passed: until }, isDone: until === ceiling };
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
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
