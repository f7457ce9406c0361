import { setTimeout as delay } from 'node:timers/promises';
import { sqlState } from '../database/database-error.js';
import type { Sql } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';
import type { MonthRefusal } from './month-refusal.js';
import { partitionOf, type UsageMonth } from './usage-months.js';

const ATTEMPTS_MAX = 5;
const PAUSE_MS = 500;
/** SQLSTATE lock_not_available */
const LOCK_TIMEOUT = '55P03';

/**
 * Drops the holds and usage events of a sealed month, and makes its seal count in their place, in one short transaction.
 *
 * @param horizon of the examination before its seal: a row that came later was not counted by it.
 * @returns why it was not done, or undefined when it was.
 */
export async function dropMonth(sql: Sql, month: UsageMonth, horizon: string): Promise<MonthRefusal | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dropOnce(sql, month, horizon);
    } catch (error) {
      if (sqlState(error) !== LOCK_TIMEOUT) throw error;
      if (attempt === ATTEMPTS_MAX) return 'locked';
    }
    await delay(PAUSE_MS * attempt);
  }
}

function dropOnce(
  sql: Sql,
  { month, fromId, untilId }: UsageMonth,
  horizon: string,
): Promise<MonthRefusal | undefined> {
  return sql.transaction(async (session) => {
    if (!(await tryLock(session, 'retention:drop'))) return 'busy';
    // While this waits for a lock, settlements wait behind it: not for long.
    await session.query(`set local lock_timeout = '500ms'`);
    // A rebuild of the sums takes this row first as well, so that it cannot lose the month half way.
    const [state] = await session.query<{ watermark: string }>(
      `select least(watermark, statistics_watermark, coalesce(passed_watermark, '0'::xid8))::text as watermark
         from usage_rollup_state for update`,
    );
    await session.query('lock table hold, usage_event in access exclusive mode');
    const [late] = await session.query<{ is_late: boolean }>(
      `select exists (select from usage_event where hold_id >= $1::uuid and hold_id < $2::uuid
                         and tx >= least($3::text::xid8, $4::text::xid8))
              or exists (select from hold where id >= $1::uuid and id < $2::uuid and state = 'open') as is_late`,
      [fromId, untilId, horizon, state?.watermark ?? '0'],
    );
    if (late?.is_late !== false) return 'changed';
    await session.query('update sealed_month set dropped_at = now() where month = $1::date and dropped_at is null', [
      month,
    ]);
    for (const parent of ['hold', 'usage_event'] as const) {
      const name = partitionOf(parent, month);
      const [found] = await session.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [name]);
      if (found?.exists !== true) continue;
      await session.query(`alter table ${parent} detach partition ${name}`);
      // Its files are deleted after the commit has given the locks free.
      await session.query(`drop table ${name}`);
    }
    return undefined;
  });
}
