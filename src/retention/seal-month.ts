import type { Sql, SqlSession } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';
import { PASSED_SUMS, USAGE_SUMS } from '../usage/usage-sums.js';
import { examineMonth, findRefusal, type MonthExamination } from './examine-month.js';
import { writeSealedHours } from './seal-hours.js';
import type { UsageMonth } from './usage-months.js';

/** A month of many millions of events takes minutes; on PostgreSQL nobody waits for it. */
export const MONTH_MS_MAX = 30 * 60_000;

/**
 * Writes down what a month came to: by the hour, in short steps, and then per account and key, in the transaction that finds that it
 * may go and that the hours are the same. A seal that an earlier run has left is made anew. Nothing counts it before the month is
 * dropped.
 *
 * @returns what `examineMonth` found; the month is sealed when it names no refusal.
 */
export async function sealMonth(sql: Sql, month: UsageMonth): Promise<MonthExamination> {
  const { refusal } = await findRefusal(sql, month);
  if (refusal !== undefined) return { refusal };
  await writeSealedHours(sql, month);
  return await sql.longTransaction((session) => sealTotals(session, month), { timeoutMs: MONTH_MS_MAX });
}

async function sealTotals(session: SqlSession, month: UsageMonth): Promise<MonthExamination> {
  if (!(await tryLock(session, 'retention:seal'))) return { refusal: 'busy' };
  const found = await examineMonth(session, month);
  if (found.refusal !== undefined) return found;
  await removeTotals(session, month);
  await writeTotals(session, month);
  if (await areHoursTheSame(session, month)) return found;
  await removeTotals(session, month);
  return { refusal: 'changed' };
}

async function removeTotals(session: SqlSession, { month }: UsageMonth): Promise<void> {
  await session.query('delete from sealed_month where month = $1::date and dropped_at is null', [month]);
}

async function writeTotals(session: SqlSession, { month, fromId, untilId }: UsageMonth): Promise<void> {
  await session.query(
    `insert into sealed_month (month, account_id, key_id, requests, attempts, ${PASSED_SUMS.join(', ')}, cost, loss, budgeted, jobs, job_cost, first_at, last_at)
     select $1::date, account_id, key_id, sum(requests), sum(attempts), ${PASSED_SUMS.map((name) => `sum(${name})`).join(', ')}, sum(cost), sum(loss), sum(budgeted), sum(jobs), sum(job_cost),
            min(first_at), max(last_at)
       from (select account_id, coalesce(key_id, 0) as key_id, is_final::int as requests, 1 as attempts,
                    ${PASSED_SUMS.map((name) => `${USAGE_SUMS[name]} as ${name}`).join(', ')}, cost, loss,
                    case when outcome = 'late' then greatest(cost, 0) else cost end as budgeted, 0 as jobs, 0::bigint as job_cost,
                    created_at as first_at, created_at as last_at
               from usage_event where hold_id >= $2::uuid and hold_id < $3::uuid
             union all
             select account_id, coalesce(key_id, 0), 0, 0, ${PASSED_SUMS.map(() => '0').join(', ')}, 0, 0, 0, 1, settled, closed_at, closed_at
               from hold where id >= $2::uuid and id < $3::uuid and kind = 'video') u
      group by account_id, key_id`,
    [month, fromId, untilId],
  );
}

/** What both kinds of seals say. */
const COMPARED = ['requests', 'attempts', 'cost', 'loss', ...PASSED_SUMS] as const;

/** Another run at the same time, or a late settlement, makes them differ. */
async function areHoursTheSame(session: SqlSession, { month }: UsageMonth): Promise<boolean> {
  const [row] = await session.query<{ is_same: boolean }>(
    `with hours as (
       select account_id, key_id, ${COMPARED.map((name) => `sum(${name}) as ${name}`).join(', ')}
         from sealed_hour where month = $1::date group by account_id, key_id)
     select not exists (
              select from (select * from sealed_month where month = $1::date) m
                full join hours h on h.account_id = m.account_id and h.key_id = m.key_id
               where (${COMPARED.map((name) => `coalesce(m.${name}, 0)`).join(', ')})
                  <> (${COMPARED.map((name) => `coalesce(h.${name}, 0)`).join(', ')})) as is_same`,
    [month],
  );
  return row?.is_same === true;
}
