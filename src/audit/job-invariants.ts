import { amongAccounts, DROPPED_MONTHS, type Invariant } from './invariant.js';

/** Jobs against their holds. */
export const JOB_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I12',
    title: 'a job and its hold are over together, at one amount',
    meaning:
      'A job was paid for without being over, is over and its money still set aside, cost other than it says, or failed and was charged.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // The hold of a job has the job's id and the kind video, also where the job makes pictures. A hold may be without its job where
    // old jobs of its month and account were removed, and a job without its hold where the month was dropped: the numbers and
    // sums of those must be the same.
    sql: `with pair as (
            select coalesce(j.account_id, h.account_id) as account_id, coalesce(j.id, h.id) as id, j.id as job_id, h.id as hold_id,
                   j.state as job_state, h.state as hold_state, j.held, h.amount, j.cost, h.settled,
                   j.id is not null and h.id is not null and j.account_id = h.account_id and j.held = h.amount
                     and (j.finished_at is not null) = (h.state <> 'open') and j.cost is not distinct from h.settled
                     and not (j.state = 'failed' and (j.cost <> 0 or h.settled <> 0)) as is_sound
              from (select id, account_id, state, held, cost, finished_at from job where ${amongAccounts('account_id')}) j
              full join (select id, account_id, state, amount, settled from hold
                          where kind = 'video' and ${amongAccounts('account_id')}) h on h.id = j.id),
          odd as (select p.*, hold_month(p.id::text) as month from pair p where not p.is_sound),
          removed as (select month, account_id, jobs, cost from removed_jobs where ${amongAccounts('account_id')}),
          dropped as (
            select month, account_id, sum(jobs) as jobs, sum(job_cost) as cost from sealed_month
             where dropped_at is not null and ${amongAccounts('account_id')} group by month, account_id),
          explained as (
            select o.* from odd o
             where (o.job_id is null and o.hold_state <> 'open'
                    and exists (select from removed r where r.month = o.month and r.account_id = o.account_id))
                or (o.hold_id is null and o.month in ${DROPPED_MONTHS})),
          sums as (
            select month, account_id, sum(holds) as holds, sum(settled) as settled, sum(jobs) as jobs, sum(cost) as cost
              from (select month, account_id, 1 as holds, settled, 0 as jobs, 0 as cost from explained where job_id is null
                    union all select month, account_id, 0, 0, 1, cost from explained where hold_id is null
                    union all select month, account_id, jobs, cost, 0, 0 from dropped
                    union all select month, account_id, 0, 0, jobs, cost from removed) u (month, account_id, holds, settled, jobs, cost)
             group by month, account_id)
          select account_id, 'job ' || id as subject,
                 format('the job %s, of %s at a cost of %s; its hold %s, of %s settled at %s', coalesce(job_state, 'does not exist'),
                        coalesce(held::text, 'nothing'), coalesce(cost::text, 'none'), coalesce(hold_state, 'does not exist'),
                        coalesce(amount::text, 'nothing'), coalesce(settled::text, 'none')) as detail
            from odd where id not in (select id from explained)
          union all
          select account_id, 'month ' || month,
                 format('%s holds without their job, settled at %s; %s jobs without their hold, at a cost of %s', holds, settled, jobs, cost)
            from sums where holds <> jobs or settled <> cost`,
  },
];
