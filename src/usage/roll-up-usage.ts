import type { Sql, SqlSession } from '../database/sql.js';
import { USAGE_GROUPS, USAGE_SUMS } from './usage-sums.js';

/** Some tens of milliseconds of work: the embedded database, and with it the hub, does nothing else meanwhile. */
export const EVENTS_PER_STEP = 2_000;

/**
 * How a step ended. `busy`: another instance is at it. `foreign`: the watermark is ahead of this server's transactions, so the
 * data was restored from another one and the sums must be rebuilt. `more`: events are left. `done`: none are.
 */
export type RollUpStep = 'busy' | 'foreign' | 'more' | 'done';

/**
 * Adds the next events to the sums of their hours, in one transaction, and moves the watermark past them.
 *
 * The watermark is a transaction number, not a row id: a row that commits late has an id below those that were read before
 * it, and would be skipped. Every transaction before `pg_snapshot_xmin` has ended, so what is before it is complete.
 *
 * @param eventsMax about how many events one step takes; all events of one transaction go together.
 */
export function rollUpUsage(sql: Sql, eventsMax = EVENTS_PER_STEP): Promise<RollUpStep> {
  return sql.transaction(async (session) => {
    const watermark = await lockWatermark(session);
    if (watermark === undefined) return 'busy';
    // After the lock: each statement sees what had been committed when it began.
    const range = await nextRange(session, watermark, eventsMax);
    if (BigInt(range.horizon) < BigInt(watermark)) return 'foreign';
    if (!range.has_events) return 'done';
    const until = cutRange(watermark, range);
    await addEvents(session, watermark, until);
    await session.query(`update usage_rollup_state set watermark = $1::text::xid8, updated_at = now()`, [until]);
    return range.cut === null ? 'done' : 'more';
  });
}

async function lockWatermark(session: SqlSession): Promise<string | undefined> {
  const [row] = await session.query<{ watermark: string }>(
    `select watermark::text from usage_rollup_state for update skip locked`,
  );
  return row?.watermark;
}

interface Range {
  /** Every transaction before this one has ended. */
  readonly horizon: string;
  readonly has_events: boolean;
  /** Transaction of the first event that is too many, or null when all fit into the step. */
  readonly cut: string | null;
}

async function nextRange(session: SqlSession, watermark: string, eventsMax: number): Promise<Range> {
  const [row] = await session.query<Range>(
    `select s.horizon::text,
            exists (select from usage_event e where e.tx >= $1::text::xid8 and e.tx < s.horizon) as has_events,
            (select e.tx::text from usage_event e where e.tx >= $1::text::xid8 and e.tx < s.horizon
              order by e.tx offset $2::int limit 1) as cut
       from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) s`,
    [watermark, eventsMax],
  );
  if (row === undefined) throw new Error('A select without a table gave no row');
  return row;
}

/** Where a step ends. When its first transaction alone has too many events, it is taken whole. */
function cutRange(watermark: string, { horizon, cut }: Range): string {
  if (cut === null) return horizon;
  return cut === watermark ? String(BigInt(cut) + 1n) : cut;
}

async function addEvents(session: SqlSession, from: string, until: string): Promise<void> {
  const groups = Object.keys(USAGE_GROUPS);
  const sums = Object.entries(USAGE_SUMS);
  const names = sums.map(([name]) => name);
  await session.query(
    `insert into usage_hour as h (${[...groups, ...names].join(', ')})
     select ${[...Object.values(USAGE_GROUPS), ...sums.map(([, value]) => `sum(${value})`)].join(', ')}
       from usage_event where tx >= $1::text::xid8 and tx < $2::text::xid8
      group by ${groups.map((_, index) => index + 1).join(', ')}
         on conflict (account_id, hour, key_id, model, channel_id, user_identifier)
         do update set ${names.map((name) => `${name} = h.${name} + excluded.${name}`).join(', ')}`,
    [from, until],
  );
}
