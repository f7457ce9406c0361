import type { Sql, SqlSession } from '../database/sql.js';

/** Few enough that the embedded database, which does one thing at a time, is never held up. */
const BATCH_MAX = 200;
const BATCHES_MAX = 1000;

/**
 * A job whose time is over and that nobody needs any more: its files are deleted, its messages are sent or given up, and its
 * upstream is not asked about it any more. Whatever a day lacks waits for the next.
 */
const REMOVABLE = `
  j.finished_at < $1::timestamptz - make_interval(days => $2::integer) and j.due_at is null
  and (j.results_expire_at is null or j.results_deleted_at is not null)
  and not exists (select from webhook_delivery d where d.job_id = j.id and d.next_attempt_at is not null)`;

/** How many jobs may be removed. @param days how long a job is kept after its end. */
export async function countRemovableJobs(session: SqlSession, days: number, at: Date): Promise<number> {
  const [row] = await session.query<{ count: string }>(`select count(*) as count from job j where ${REMOVABLE}`, [
    at,
    days,
  ]);
  return Number(row?.count);
}

/**
 * Removes old jobs with their attempts, outputs and messages, batch by batch, and counts them in `removed_jobs`, so that the
 * books know why their holds have no job.
 *
 * @returns how many were removed.
 */
export async function removeJobs(sql: Sql, days: number, at: Date): Promise<number> {
  let removed = 0;
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const [row] = await sql.query<{ count: string }>(
      `with old as (
         select j.id from job j where ${REMOVABLE} order by j.finished_at limit $3::integer for update skip locked)
       , gone as (
         delete from job j using old where j.id = old.id returning hold_month(j.id::text) as month, j.account_id, j.cost)
       , counted as (
         insert into removed_jobs as r (month, account_id, jobs, cost)
         select month, account_id, count(*), sum(cost) from gone group by month, account_id order by month, account_id
             on conflict (month, account_id) do update set jobs = r.jobs + excluded.jobs, cost = r.cost + excluded.cost)
       select count(*) as count from gone`,
      [at, days, BATCH_MAX],
    );
    const count = Number(row?.count);
    removed += count;
    if (count < BATCH_MAX) break;
  }
  return removed;
}
