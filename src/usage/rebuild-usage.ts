import { setTimeout as delay } from 'node:timers/promises';
import { sqlState } from '../database/database-error.js';
import type { Sql } from '../database/sql.js';
import { addSealedHours } from './add-to-sums.js';
import { EVENTS_PER_STEP, rollUpUsage } from './roll-up-usage.js';
import { STATISTICS_TABLES } from './usage-sums.js';

/** SQLSTATEs of a lock that was not to be had within `lock_timeout`, and of a roll-up that moved the watermark meanwhile. */
const PASSING: ReadonlySet<string> = new Set(['55P03', '40001']);
/** Putting back the sums of many dropped months takes longer than a statement of a request may. */
const EMPTY_MS_MAX = 30 * 60_000;
const EMPTY_ATTEMPTS_MAX = 30;
const BUSY_PAUSE_MS = 50;

/**
 * Empties the sums, down to those of months that were dropped, and counts every event anew, in short steps, while the hub goes
 * on. Reports are exact at every moment: what is not in the sums yet they read from the events themselves, only slower.
 */
export async function rebuildUsage(sql: Sql): Promise<void> {
  await resetRollUp(sql);
  for (;;) {
    const step = await rollUpUsage(sql);
    if (step === 'done') return;
    // A hub that runs works on the same sums; whoever has the lock makes the step.
    if (step === 'busy') await delay(BUSY_PAUSE_MS);
    // Meanwhile a hub of the version before has emptied them as well.
    if (step === 'emptied') await resetRollUp(sql);
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

/** Waits for reports that are reading, in short turns, so that new ones need not stand behind it for long. */
async function emptySums(sql: Sql): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sql.longTransaction(
        async (session) => {
          await session.query(`set local lock_timeout = '1s'`);
          // Locks the row, and says that the lower watermarks below are no older hub's, which leaves the third one as it is.
          await session.query(`update usage_rollup_state set passed_watermark = null`);
          await session.query(`truncate usage_hour, ${STATISTICS_TABLES.join(', ')}`);
          await addSealedHours(session);
          await session.query(
            `update usage_rollup_state set watermark = '0'::xid8, statistics_watermark = '0'::xid8,
                    passed_watermark = '0'::xid8, updated_at = now()`,
          );
        },
        { timeoutMs: EMPTY_MS_MAX },
      );
    } catch (error) {
      if (!PASSING.has(sqlState(error) ?? '') || attempt === EMPTY_ATTEMPTS_MAX) throw error;
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
