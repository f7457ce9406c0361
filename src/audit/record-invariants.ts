import { amongAccounts, type Invariant } from './invariant.js';
import { STATISTICS_DRIFT_SQL } from './statistics-drift.js';

/** What is paid for besides tokens, pictures and videos. */
const PASSED = ['audio_ms', 'characters', 'searches'] as const;

/** What both kinds of seals say. */
const SEALED = ['requests', 'attempts', 'cost', 'loss'] as const;

function saidOf(row: string): string {
  return `format('sound %s ms, characters %s, searches %s', ${PASSED.map((name) => `coalesce(${row}.${name}, 0)`).join(', ')})`;
}

/** What is recorded beside the ledger: codes, payments, sums of usage, partitions. */
export const RECORD_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I9',
    title: 'a code was used as often as it was redeemed and paid',
    meaning: 'A redemption code gave money more or fewer times than its counter says, or more often than it may.',
    scope: 'all',
    schedule: 'nightly',
    response: 'freeze',
    // The reference of a redemption's entry is "code id:account id".
    sql: `with redeemed as (select code_id, count(*) as times from redemption group by code_id),
          paid as (select split_part(ref, ':', 1) as code_id, count(*) as times from entry where kind = 'redeem' group by 1)
          select null::bigint as account_id, 'code ' || coalesce(c.id::text, p.code_id) as subject,
                 format('used %s of %s, redemptions %s, entries %s', c.used, c.max_uses, coalesce(r.times, 0), coalesce(p.times, 0)) as detail
            from redemption_code c
            left join redeemed r on r.code_id = c.id
            full join paid p on p.code_id = c.id::text
           where c.id is null or c.used > c.max_uses or c.used <> coalesce(r.times, 0) or c.used <> coalesce(p.times, 0)`,
  },
  {
    id: 'I10',
    title: 'every top-up is a payment, and every payment a top-up',
    meaning: 'An account was topped up without a payment, or a payment was received and not credited.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // Grants and other credits need no payment: only entries of kind topup are asked for one.
    sql: `select coalesce(e.credit_id, x.credit_id) as account_id,
                 coalesce('entry ' || e.id, format('payment %s of %s', p.event_id, p.provider)) as subject,
                 case when p.entry_id is null then format('a top-up of %s without a payment', e.amount)
                      else format('its entry %s is not a top-up', p.entry_id) end as detail
            from payment_event p
            full join (select id, credit_id, amount from entry where kind = 'topup') e on e.id = p.entry_id
            left join entry x on x.id = p.entry_id
           where (p.entry_id is null or e.id is null) and ${amongAccounts('coalesce(e.credit_id, x.credit_id)')}`,
  },
  {
    id: 'I14',
    title: 'the sums by hour, day and dimension are the usage up to the watermark',
    meaning: 'Reports show other totals than the usage they were made from.',
    scope: 'account',
    schedule: 'nightly',
    // Reports are wrong, balances are not.
    response: 'report',
    // Sums of sound, characters and searches reach up to a watermark of their own, and are not known where it is null.
    sql: `with marks as (select watermark, passed_watermark as passed from usage_rollup_state),
          events as (
            select account_id, sum(cost) as cost, sum(loss) as loss, ${PASSED.map((name) => `sum(${name}) as ${name}`).join(', ')}
              from (select account_id, cost, loss, ${PASSED.map((name) => `case when tx < passed and (is_final or outcome = 'late') then ${name} end as ${name}`).join(', ')}
                      from usage_event, marks where tx < watermark
                    union all select account_id, cost, loss, ${PASSED.join(', ')} from sealed_month where dropped_at is not null) e
             where ${amongAccounts('account_id')} group by account_id),
          hours as (
            select account_id, sum(cost) as cost, sum(loss) as loss, ${PASSED.map((name) => `sum(${name}) as ${name}`).join(', ')}
              from usage_hour where ${amongAccounts('account_id')} group by account_id)
          select coalesce(e.account_id, h.account_id) as account_id, 'account ' || coalesce(e.account_id, h.account_id) as subject,
                 format('hours: cost %s, loss %s, %s; events: cost %s, loss %s, %s', coalesce(h.cost, 0), coalesce(h.loss, 0),
                        ${saidOf('h')}, coalesce(e.cost, 0), coalesce(e.loss, 0), ${saidOf('e')}) as detail
            from events e full join hours h on h.account_id = e.account_id
           where coalesce(e.cost, 0) <> coalesce(h.cost, 0) or coalesce(e.loss, 0) <> coalesce(h.loss, 0)
              or ((${PASSED.map((name) => `coalesce(e.${name}, 0)`).join(', ')}) <> (${PASSED.map((name) => `coalesce(h.${name}, 0)`).join(', ')})
                  and exists (select from marks where passed is not null))
          union all ${STATISTICS_DRIFT_SQL}`,
  },
  {
    id: 'I20',
    title: 'no row lies in a default partition',
    meaning:
      'The partition of a month was missing when it was needed. Its rows are safe, but it cannot be made any more as it is.',
    scope: 'all',
    schedule: 'nightly',
    response: 'report',
    sql: `select null::bigint as account_id, 'table hold_default' as subject, format('%s rows', count(*)) as detail
            from hold_default having count(*) > 0
          union all
          select null, 'table usage_event_default', format('%s rows', count(*)) from usage_event_default having count(*) > 0`,
  },
  {
    id: 'I21',
    title: 'the sealed hours of a month are its sealed total',
    meaning: 'The sums that are left of a month were changed after its usage had been dropped.',
    scope: 'account',
    schedule: 'nightly',
    response: 'report',
    // A seal of a hub that did not know them has a null for each: it counts for nothing, and is made anew.
    sql: `with hours as (
            select month, account_id, key_id, ${[...SEALED, ...PASSED].map((name) => `sum(${name}) as ${name}`).join(', ')}
              from sealed_hour where ${amongAccounts('account_id')} group by month, account_id, key_id)
          select coalesce(m.account_id, h.account_id) as account_id,
                 format('month %s, key %s', coalesce(m.month, h.month), coalesce(m.key_id, h.key_id)) as subject,
                 format('sealed: %s requests, %s attempts, cost %s, loss %s, %s; its hours: %s, %s, %s, %s, %s', m.requests, m.attempts, m.cost,
                        m.loss, ${saidOf('m')}, h.requests, h.attempts, h.cost, h.loss, ${saidOf('h')}) as detail
            from (select * from sealed_month where ${amongAccounts('account_id')}) m
            full join hours h on h.month = m.month and h.account_id = m.account_id and h.key_id = m.key_id
           where (${SEALED.map((name) => `coalesce(m.${name}, 0)`).join(', ')})
              <> (${SEALED.map((name) => `coalesce(h.${name}, 0)`).join(', ')})
              or (${PASSED.map((name) => `m.${name}`).join(', ')}) <> (${PASSED.map((name) => `coalesce(h.${name}, 0)`).join(', ')})`,
  },
];
