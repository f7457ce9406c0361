import { amongAccounts, type Invariant } from './invariant.js';

/** The counters of accounts and keys against the entries and holds that they count. */
export const BALANCE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    title: 'credits_posted is the sum of the entries in',
    meaning: 'An account was credited without an entry, or an entry was made, changed or removed past the ledger.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    sql: counterAgainstEntries(
      'credits_posted',
      `select credit_id, sum(amount) from entry
      where ${amongAccounts('credit_id')} group by credit_id`,
    ),
  },
  {
    id: 'I2',
    title: 'debits_posted is the sum of the entries out',
    meaning: 'An account was debited without an entry, or an entry was made, changed or removed past the ledger.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    sql: counterAgainstEntries(
      'debits_posted',
      `select debit_id, sum(amount) from entry
      where ${amongAccounts('debit_id')} group by debit_id`,
    ),
  },
  {
    id: 'I3',
    title: 'debits_pending is the sum of the open holds',
    meaning: 'Money is set aside that no open hold has, or an open hold has none behind it.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // Of system accounts too: they have no holds, so nothing may be pending.
    sql: `select a.id as account_id, 'account ' || a.id as subject,
                 format('debits_pending is %s, open holds sum up to %s', a.debits_pending, coalesce(h.total, 0)) as detail
            from account a
            left join (select account_id, sum(amount) as total from hold
                        where state = 'open' and ${amongAccounts('account_id')} group by account_id) h on h.account_id = a.id
           where ${amongAccounts('a.id')} and a.debits_pending <> coalesce(h.total, 0)`,
  },
  {
    id: 'I4',
    title: 'no customer is below zero',
    meaning: 'An account has spent or set aside more than it had.',
    scope: 'account',
    schedule: 'minute',
    response: 'freeze',
    // A check constraint makes this impossible. It is asked all the same, because a restored or hand-altered schema may have
    // lost the constraint, and overspending is what the rest of the ledger relies on it for.
    sql: `select a.id as account_id, 'account ' || a.id as subject,
                 format('credits %s, debits %s, pending %s', a.credits_posted, a.debits_posted, a.debits_pending) as detail
            from account a
           where a.kind = 'customer' and ${amongAccounts('a.id')}
             and a.credits_posted::numeric - a.debits_posted - a.debits_pending < 0`,
  },
  {
    id: 'I11',
    title: 'key_budget.pending is the sum of the key’s open holds',
    meaning: 'The budget of a key counts money that no open hold has, or misses some.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    sql: `select k.account_id, format('key %s, budget %s', b.key_id, b.period) as subject,
                 format('pending is %s, open holds sum up to %s', b.pending, coalesce(h.total, 0)) as detail
            from key_budget b join api_key k on k.id = b.key_id
            left join (select key_id, sum(amount) as total from hold
                        where state = 'open' and ${amongAccounts('account_id')} group by key_id) h on h.key_id = b.key_id
           where ${amongAccounts('k.account_id')} and b.pending <> coalesce(h.total, 0)`,
  },
  {
    id: 'I15',
    title: 'customers have what the house gave less what it got',
    meaning: 'Money appeared or vanished: the balances of all customers and the entries of the house do not match.',
    scope: 'all',
    schedule: 'nightly',
    response: 'freeze',
    sql: `select null::bigint as account_id, 'all accounts' as subject,
                 format('balances sum up to %s, the house has given %s net', c.total, e.total) as detail
            from (select coalesce(sum(credits_posted::numeric - debits_posted), 0) as total from account where kind = 'customer') c,
                 (select coalesce(sum(case when debit_id = 1 then amount else 0 end), 0)
                       - coalesce(sum(case when credit_id = 1 and debit_id <> 2 then amount else 0 end), 0) as total
                    from entry) e
           where c.total <> e.total`,
  },
  {
    id: 'I16',
    title: 'used_posted is settled and late less refunded',
    meaning: 'What an account is said to have used is not what its entries say it used.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    sql: `with used as (
            select account_id, sum(amount) as total
              from (select debit_id as account_id, amount from entry
                     where kind in ('settle', 'late') and ${amongAccounts('debit_id')}
                    union all
                    select credit_id, -amount from entry where kind = 'refund' and ${amongAccounts('credit_id')}) e
             group by account_id)
          select a.id as account_id, 'account ' || a.id as subject,
                 format('used_posted is %s, entries say %s', a.used_posted, coalesce(u.total, 0)) as detail
            from account a left join used u on u.account_id = a.id
           where a.kind = 'customer' and ${amongAccounts('a.id')} and a.used_posted <> coalesce(u.total, 0)`,
  },
  {
    id: 'I17',
    title: 'entries have accounts on both sides',
    meaning: 'An entry names an account that does not exist; no foreign key refuses it, for the speed of settlements.',
    scope: 'all',
    schedule: 'nightly',
    response: 'freeze',
    sql: `select a.id as account_id, format('entry %s', e.id) as subject,
                 format('%s of %s from account %s to account %s', e.kind, e.amount, e.debit_id, e.credit_id) as detail
            from entry e
            left join account d on d.id = e.debit_id
            left join account c on c.id = e.credit_id
            left join account a on a.id in (e.debit_id, e.credit_id) and a.kind = 'customer'
           where d.id is null or c.id is null`,
  },
  {
    id: 'I18',
    title: 'key_budget.posted is what the key used in its period',
    meaning: 'The budget of a key has counted more or less than was used, so it ends too early or too late.',
    scope: 'account',
    schedule: 'nightly',
    // A budget is a limit and not money: it needs the operator, but nobody was charged wrongly.
    response: 'report',
    // A refund does not come back to a budget. A settlement that ran while the budget was being made may or may not have
    // counted; both are right, so the first moments of a budget only give bounds,
    // and so does a month that was dropped and of which a part was before the budget.
    sql: `with budget as (
            select b.*, k.account_id, greatest(b.period_start, b.created_at - interval '10 s') as from_at,
                   greatest(b.period_start, b.created_at + interval '10 s') as surely_from_at
              from key_budget b join api_key k on k.id = b.key_id where ${amongAccounts('k.account_id')}),
          used as (
            select b.key_id, b.period, sum(u.counted) as most,
                   sum(u.counted) filter (where u.first_at >= b.surely_from_at and u.last_at < b.period_end) as least
              from budget b
              join (select key_id, created_at as first_at, created_at as last_at,
                           case when outcome = 'late' then greatest(cost, 0) else cost end as counted
                      from usage_event where key_id is not null and ${amongAccounts('account_id')}
                    union all
                    select key_id, first_at, last_at, budgeted from sealed_month
                     where dropped_at is not null and key_id <> 0 and ${amongAccounts('account_id')}) u
                on u.key_id = b.key_id and u.last_at >= b.from_at and u.first_at < b.period_end
             group by b.key_id, b.period)
          select b.account_id, format('key %s, budget %s', b.key_id, b.period) as subject,
                 format('posted is %s, usage since %s is %s', b.posted, b.from_at, coalesce(u.most, 0)) as detail
            from budget b left join used u on u.key_id = b.key_id and u.period = b.period
           where b.posted not between coalesce(u.least, 0) and coalesce(u.most, 0)`,
  },
];

function counterAgainstEntries(counter: 'credits_posted' | 'debits_posted', entries: string): string {
  return `with posted (account_id, total) as (${entries})
          select a.id as account_id, 'account ' || a.id as subject,
                 format('${counter} is %s, entries sum up to %s', a.${counter}, coalesce(p.total, 0)) as detail
            from account a left join posted p on p.account_id = a.id
           where a.kind = 'customer' and ${amongAccounts('a.id')} and a.${counter} <> coalesce(p.total, 0)`;
}
