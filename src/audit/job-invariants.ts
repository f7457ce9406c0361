import { amongAccounts, type Invariant } from './invariant.js';

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
    // The hold of a job has the job's id and the kind video, also where the job makes pictures.
    sql: `select coalesce(j.account_id, h.account_id) as account_id, 'job ' || coalesce(j.id, h.id) as subject,
                 format('the job %s, of %s at a cost of %s; its hold %s, of %s settled at %s', coalesce(j.state, 'does not exist'),
                        coalesce(j.held::text, 'nothing'), coalesce(j.cost::text, 'none'), coalesce(h.state, 'does not exist'),
                        coalesce(h.amount::text, 'nothing'), coalesce(h.settled::text, 'none')) as detail
            from (select id, account_id, state, held, cost, finished_at from job where ${amongAccounts('account_id')}) j
            full join (select id, account_id, state, amount, settled from hold
                        where kind = 'video' and ${amongAccounts('account_id')}) h on h.id = j.id
           where j.id is null or h.id is null or j.account_id <> h.account_id or j.held <> h.amount
              or (j.finished_at is not null) <> (h.state <> 'open') or j.cost is distinct from h.settled
              or (j.state = 'failed' and (j.cost <> 0 or h.settled <> 0))`,
  },
];
