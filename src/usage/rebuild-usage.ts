import { setTimeout as delay } from 'node:timers/promises';
import { sqlState } from '../database/database-error.js';
import type { Sql, SqlSession } from '../database/sql.js';
import { fillStatistics } from './fill-statistics.js';
import { EVENTS_PER_STEP, rollUpUsage } from './roll-up-usage.js';
import { STATISTICS_TABLES, USAGE_GROUPS, USAGE_SUMS } from './usage-sums.js';

/** SQLSTATE of a lock that was not to be had within `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';
const EMPTY_ATTEMPTS_MAX = 30;
const BUSY_PAUSE_MS = 50;

/**
 * Empties the sums, down to those of months that were dropped, and counts every event anew, in short steps, while the hub goes
 * on. Reports are exact at every moment: what is not in the sums yet they read from the events themselves, only slower. How
 * requests of dropped months ended is not told any more afterwards.
 */
export async function rebuildUsage(sql: Sql): Promise<void> {
  await resetRollUp(sql);
  for (;;) {
    const step = await rollUpUsage(sql);
    if (step === 'done') return;
    // A hub that runs works on the same sums; whoever has the lock makes the step.
    if (step === 'busy') await delay(BUSY_PAUSE_MS);
  }
}

/**
 * Empties the sums and puts the watermark before everything, so that the next roll-ups take all events there are.
 *
 * Events carry the number of the transaction that wrote them. After a restore into another server these can be ahead of its
 * own; such events would wait for its counter to get there (counted by reports, but never summed up), so they get a number
 * of this server.
 */
export async function resetRollUp(sql: Sql): Promise<void> {
  await emptySums(sql);
  while (await renumberForeign(sql)) {
    // Until none is left.
  }
}

/** Of months that were dropped the sums are all there is; an hour at the end of one can be part of the next as well. */
async function restoreSealedHours(session: SqlSession): Promise<void> {
  const groups = Object.keys(USAGE_GROUPS).join(', ');
  const sums = Object.keys(USAGE_SUMS);
  await session.query(
    `insert into usage_hour (${groups}, ${sums.join(', ')})
     select ${groups}, ${sums.map((name) => `sum(${name})`).join(', ')} from sealed_hour
      where month in (select month from sealed_month where dropped_at is not null) group by ${groups}`,
  );
}

/** Waits for reports that are reading, in short turns, so that new ones need not stand behind it for long. */
async function emptySums(sql: Sql): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sql.transaction(async (session) => {
        await session.query(`set local lock_timeout = '1s'`);
        await session.query(`select from usage_rollup_state for update`);
        await session.query(`truncate usage_hour, ${STATISTICS_TABLES.join(', ')}`);
        await restoreSealedHours(session);
        await fillStatistics(session);
        await session.query(
          `update usage_rollup_state set watermark = '0'::xid8, statistics_watermark = '0'::xid8, updated_at = now()`,
        );
      });
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || attempt === EMPTY_ATTEMPTS_MAX) throw error;
    }
    await delay(BUSY_PAUSE_MS);
  }
}

/** @returns whether there were any. No event that this server wrote and committed is as new as the end of a snapshot. */
async function renumberForeign(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ renumbered: number }>(
    `with foreign_events as (
       select hold_id, attempt from usage_event where tx >= pg_snapshot_xmax(pg_current_snapshot()) order by tx desc limit $1::int)
     , renumbered as (
       update usage_event e set tx = pg_current_xact_id() from foreign_events f
        where e.hold_id = f.hold_id and e.attempt = f.attempt returning 1)
     select count(*)::int as renumbered from renumbered`,
    [EVENTS_PER_STEP],
  );
  return row !== undefined && row.renumbered > 0;
}
