import { amongAccounts, DROPPED_MONTHS, droppedMonthOf, type Invariant, MONTH_MARKS } from './invariant.js';

/** Whose hold an entry settles. */
const PAYER = `case kind when 'refund' then credit_id else debit_id end`;

/** Holds against the entries, usage and claims that belong to them. */
export const HOLD_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I5',
    title: 'a hold is settled by its entries, and only by them',
    meaning:
      'A hold says it was settled at one amount and its entries say another, or there are entries without a hold.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // A hold that was swept above its final cost is paid back by a refund of the relay. Other refunds have references of
    // their own and no hold. Of a month that was dropped, the sealed total of each account stands in for its holds.
    sql: `with moved as (
            select ref, ${PAYER} as account_id, sum(case kind when 'refund' then -amount else amount end) as amount
              from entry
             where (kind in ('settle', 'late') or (kind = 'refund' and actor = 'relay'))
               and ${amongAccounts('debit_id', 'credit_id')} and ${amongAccounts(PAYER)}
             group by 1, 2),
          different as (
            select coalesce(h.account_id, m.account_id) as account_id, coalesce(h.id::text, m.ref) as ref, h.state, h.settled, m.amount,
                   d.month
              from (select id, account_id, state, settled from hold where ${amongAccounts('account_id')}) h
              full join moved m on m.ref = h.id::text and m.account_id = h.account_id
              left join (${MONTH_MARKS}) marks on h.id is null
              left join ${DROPPED_MONTHS} d on d.month = ${droppedMonthOf('m.ref')}
             where h.id is null or coalesce(h.settled, 0) <> coalesce(m.amount, 0)),
          sealed as (
            select month, account_id, sum(cost) as cost from sealed_month
             where dropped_at is not null and ${amongAccounts('account_id')} group by month, account_id),
          left_over as (select month, account_id, sum(amount) as amount from different where month is not null group by 1, 2)
          select account_id, 'hold ' || ref as subject,
                 format('the hold %s says %s, its entries sum up to %s', coalesce(state, 'does not exist and'), coalesce(settled, 0),
                        coalesce(amount, 0)) as detail
            from different where month is null
          union all
          select coalesce(s.account_id, l.account_id), 'month ' || coalesce(s.month, l.month),
                 format('sealed at %s, the entries of its holds sum up to %s', coalesce(s.cost, 0), coalesce(l.amount, 0))
            from sealed s full join left_over l on l.month = s.month and l.account_id = s.account_id
           where coalesce(s.cost, 0) <> coalesce(l.amount, 0)`,
  },
  {
    id: 'I6',
    title: 'usage is the money: costs and losses per hold',
    meaning:
      'Statistics and money differ: usage of an open hold, a closed hold without usage, or other costs than settled.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // What was made and reached nobody (`…:late`) is a loss beside all usage.
    sql: `with used as (
            select hold_id, account_id, sum(cost) as cost, sum(loss) as loss from usage_event
             where ${amongAccounts('account_id')} group by hold_id, account_id),
          lost as (select ref, sum(amount) as amount from entry where kind = 'loss' and actor = 'relay' and ref not like '%:late' group by ref)
          select coalesce(h.account_id, u.account_id) as account_id, 'hold ' || coalesce(h.id, u.hold_id) as subject,
                 format('%s, settled at %s with a loss of %s; usage: cost %s, loss %s', coalesce(h.state, 'no hold'), h.settled,
                        coalesce(l.amount, 0), coalesce(u.cost::text, 'none'), coalesce(u.loss::text, 'none')) as detail
            from (select id, account_id, state, settled from hold where ${amongAccounts('account_id')}) h
            full join used u on u.hold_id = h.id and u.account_id = h.account_id
            left join lost l on l.ref = coalesce(h.id, u.hold_id)::text
           where h.id is null or (h.state <> 'open') <> (u.hold_id is not null) or u.cost <> h.settled
              or u.loss <> coalesce(l.amount, 0)
          union all
          select null::bigint, 'month ' || s.month,
                 format('sealed with a loss of %s, the entries of its holds sum up to %s', s.loss, coalesce(d.loss, 0))
            from (select month, sum(loss) as loss from sealed_month where dropped_at is not null group by month) s
            left join (select ${droppedMonthOf('ref')} as month, sum(amount) as loss from lost, (${MONTH_MARKS}) marks group by 1) d
              on d.month = s.month
           where $1::bigint[] is null and s.loss <> coalesce(d.loss, 0)`,
  },
  {
    id: 'I7',
    title: 'no hold stays open past its lease',
    meaning: 'Money stays set aside because nothing sweeps: is a hub running, and is the clock of the database right?',
    scope: 'account',
    schedule: 'minute',
    // The customer is not at fault, and a jump of the database's clock would freeze everybody who is being served.
    response: 'report-if-lasting',
    // The hold of a job lives as long as the job, whatever its lease says; I12 watches those.
    sql: `select h.account_id, 'hold ' || h.id as subject,
                 format('%s open, of %s, its lease ended at %s', h.amount, h.owner, h.lease_until) as detail
            from hold h
           where h.state = 'open' and h.kind <> 'video' and h.lease_until < now() - interval '30 s' and ${amongAccounts('h.account_id')}`,
  },
  {
    id: 'I8',
    title: 'nothing is settled above its hold without being marked',
    meaning: 'More was charged than had been set aside, and it was neither an overrun nor a late settlement.',
    scope: 'account',
    schedule: 'minute',
    response: 'freeze',
    sql: `select h.account_id, 'hold ' || h.id as subject, format('settled at %s, held %s', h.settled, h.amount) as detail
            from hold h
           where h.settled > h.amount and ${amongAccounts('h.account_id')} and ($2::timestamptz is null or h.id >= uuid7_floor($2))
             and not exists (select from usage_event u where u.hold_id = h.id and u.outcome in ('overrun', 'late'))`,
  },
  {
    id: 'I13',
    title: 'an idempotency key has one hold, and a hold one key',
    meaning: 'A repeated request could be charged twice, or be given the answer of another one.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    sql: `select min(i.account_id) as account_id, 'hold ' || i.hold_id as subject,
                 format('%s claims, of accounts %s', count(*), string_agg(distinct i.account_id::text, ', ')) as detail
            from idempotency i left join hold h on h.id = i.hold_id
           where i.hold_id is not null and ${amongAccounts('i.account_id')}
           group by i.hold_id having count(*) > 1 or bool_or(h.account_id <> i.account_id)
          union all
          select i.account_id, format('key %s of %s', i.key, i.route), format('%s holds', count(distinct i.hold_id))
            from idempotency i where ${amongAccounts('i.account_id')}
           group by i.account_id, i.route, i.key having count(distinct i.hold_id) > 1`,
  },
  {
    id: 'I19',
    title: 'only answers of closed holds are kept for replay',
    meaning: 'An answer would be replayed that has not been settled, or whose hold never existed.',
    scope: 'account',
    schedule: 'nightly',
    response: 'freeze',
    // A claim without a hold is of a request that makes none, such as a redemption. The answer to a submission of a job says only
    // that it was taken on, so it is kept before the job is paid.
    sql: `select i.account_id, format('key %s of %s', i.key, i.route) as subject,
                 case when h.id is null then 'hold ' || i.hold_id || ' does not exist' else 'hold ' || h.id || ' is open' end as detail
            from idempotency i left join hold h on h.id = i.hold_id
           where i.state = 'done' and i.hold_id is not null and ${amongAccounts('i.account_id')}
             and (h.id is null or (h.state = 'open' and h.kind <> 'video'))`,
  },
];
