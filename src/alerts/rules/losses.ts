import { creditsText } from '../credits-text.js';
import { ALERTS_PER_ROUND_MAX, type AlertRule } from './alert-rule.js';

/** Losses are rare; a round that finds more of them than this is behind by more than an operator can read. */
const LOSSES_READ_MAX = 10_000;

/**
 * Requests cost more than their accounts had, and the house took the rest: each new loss, summed per account and round. The
 * losses of an account are written under the lock of its row, so their ids grow in the order of their commits and the last
 * id that was told says which are new. What jobs lost to successes that came late was no account's to pay: job_trouble tells of it.
 */
export const losses: AlertRule = {
  name: 'loss',
  async find(session) {
    const rows = await session.query<{ account_id: string | null; total: string; count: string; last_id: string }>(
      `with recent as (
         select e.id, e.amount, h.account_id
           from (select id, ref, amount, actor, created_at from entry where debit_id = 2 order by id desc limit ${LOSSES_READ_MAX}) e
           left join hold h on h.id = case when e.ref ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then e.ref::uuid end
          where e.created_at > now() - interval '7 days' and e.actor <> 'jobs'),
       told as (
         select details ->> 'accountId' as account_id, max((details ->> 'lastEntryId')::bigint) as last_id
           from alert where kind = 'loss' group by 1)
       select r.account_id, sum(r.amount) as total, count(*) as count, max(r.id) as last_id
         from recent r left join told t on t.account_id is not distinct from r.account_id::text
        where r.id > coalesce(t.last_id, 0)
        group by r.account_id order by r.account_id limit ${ALERTS_PER_ROUND_MAX}`,
    );
    return rows.map(({ account_id: accountId, total, count, last_id: lastId }) => ({
      kind: 'loss',
      severity: 'warning',
      subject: accountId === null ? 'books' : `account:${accountId}`,
      message: `${creditsText(BigInt(total))} credits in ${count} requests could not be charged to ${accountId === null ? 'anybody' : `account ${accountId}`}: it had too little left.`,
      details: { accountId, lossNanoCredits: total, requests: Number(count), lastEntryId: lastId },
      dedupeKey: `loss:${accountId ?? 'none'}:${lastId}`,
    }));
  },
};
