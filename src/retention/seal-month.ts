import type { Sql, SqlSession } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';
import { USAGE_GROUPS, USAGE_SUMS } from '../usage/usage-sums.js';
import { examineMonth, type MonthExamination } from './examine-month.js';
import type { UsageMonth } from './usage-months.js';

/** A month of many millions of events takes minutes; on PostgreSQL nobody waits for it. */
export const MONTH_MS_MAX = 30 * 60_000;

/**
 * Writes down what a month came to, per account and key and by the hour, in the transaction that found it may go. A seal that
 * an earlier run has left is made anew. Nothing counts it before the month is dropped.
 *
 * @returns what `examineMonth` found; the month is sealed when it names no refusal.
 */
export function sealMonth(sql: Sql, month: UsageMonth): Promise<MonthExamination> {
  return sql.longTransaction(
    async (session) => {
      if (!(await tryLock(session, 'retention:seal'))) return { refusal: 'busy' };
      const found = await examineMonth(session, month);
      if (found.refusal !== undefined) return found;
      await session.query('delete from sealed_month where month = $1::date and dropped_at is null', [month.month]);
      await session.query('delete from sealed_hour where month = $1::date', [month.month]);
      await writeTotals(session, month);
      await writeHours(session, month);
      return found;
    },
    { timeoutMs: MONTH_MS_MAX },
  );
}

async function writeTotals(session: SqlSession, { month, fromId, untilId }: UsageMonth): Promise<void> {
  await session.query(
    `insert into sealed_month (month, account_id, key_id, requests, attempts, cost, loss, budgeted, jobs, job_cost, first_at, last_at)
     select $1::date, account_id, key_id, sum(requests), sum(attempts), sum(cost), sum(loss), sum(budgeted), sum(jobs), sum(job_cost),
            min(first_at), max(last_at)
       from (select account_id, coalesce(key_id, 0) as key_id, is_final::int as requests, 1 as attempts, cost, loss,
                    case when outcome = 'late' then greatest(cost, 0) else cost end as budgeted, 0 as jobs, 0::bigint as job_cost,
                    created_at as first_at, created_at as last_at
               from usage_event where hold_id >= $2::uuid and hold_id < $3::uuid
             union all
             select account_id, coalesce(key_id, 0), 0, 0, 0, 0, 0, 1, settled, closed_at, closed_at
               from hold where id >= $2::uuid and id < $3::uuid and kind = 'video') u
      group by account_id, key_id`,
    [month, fromId, untilId],
  );
}

async function writeHours(session: SqlSession, { month, fromId, untilId }: UsageMonth): Promise<void> {
  const groups = Object.entries(USAGE_GROUPS);
  const sums = Object.entries(USAGE_SUMS);
  const names = [...groups, ...sums].map(([name]) => name);
  await session.query(
    `insert into sealed_hour (month, ${names.join(', ')})
     select $1::date, ${[...groups.map(([, value]) => value), ...sums.map(([, value]) => `sum(${value})`)].join(', ')}
       from usage_event where hold_id >= $2::uuid and hold_id < $3::uuid
      group by ${groups.map((_, index) => index + 2).join(', ')}`,
    [month, fromId, untilId],
  );
}
