import type { SqlSession } from '../database/sql.js';
import type { MonthRefusal } from './month-refusal.js';
import type { UsageMonth } from './usage-months.js';

/** What a month comes to; amounts are nano-credits. */
export interface MonthTotals {
  readonly requests: string;
  readonly attempts: string;
  readonly cost: string;
  readonly loss: string;
}

/** Whether a month may go, and if not, why. */
export type MonthExamination =
  | { readonly refusal: MonthRefusal }
  | {
      readonly refusal?: undefined;
      readonly totals: MonthTotals;
      /** Every transaction before this one had ended; what it, or a later one, books to the month was not looked at. */
      readonly horizon: string;
    };

/** Looks through the conditions that cost next to nothing to look at. Reads only. @returns the first that does not hold. */
export async function findRefusal(
  session: SqlSession,
  month: UsageMonth,
): Promise<{ readonly refusal: MonthRefusal | undefined; readonly horizon: string }> {
  const [state] = await session.query<Record<MonthRefusal, boolean> & { horizon: string }>(STATE, [
    month.month,
    month.fromId,
    month.untilId,
  ]);
  if (state === undefined) throw new Error('A select without a table gave no row');
  return { refusal: IN_ORDER.find((reason) => state[reason]), horizon: state.horizon };
}

/** Looks through all conditions under which a month may be dropped. Reads only, every row of the month. */
export async function examineMonth(session: SqlSession, month: UsageMonth): Promise<MonthExamination> {
  const { refusal, horizon } = await findRefusal(session, month);
  if (refusal !== undefined) return { refusal };
  const [books] = await session.query<MonthTotals & { differs: boolean }>(TOTALS, [month.fromId, month.untilId]);
  if (books === undefined || books.differs) return { refusal: 'totals_differ' };
  const { requests, attempts, cost, loss } = books;
  return { totals: { requests, attempts, cost, loss }, horizon };
}

const IN_ORDER: readonly MonthRefusal[] = [
  'sealed_before',
  'open_holds',
  'unfinished_jobs',
  'kept_answers',
  'rows_outside',
  'not_rolled_up',
];

const STATE = `
  select s.horizon::text,
         exists (select from sealed_month where month = $1::date and dropped_at is not null) as sealed_before,
         exists (select from hold where id >= $2::uuid and id < $3::uuid and state = 'open') as open_holds,
         exists (select from job where id >= $2::uuid and id < $3::uuid and finished_at is null) as unfinished_jobs,
         exists (select from idempotency where hold_id >= $2::uuid and hold_id < $3::uuid) as kept_answers,
         exists (select from hold_default where id >= $2::uuid and id < $3::uuid)
           or exists (select from usage_event_default where hold_id >= $2::uuid and hold_id < $3::uuid) as rows_outside,
         -- A watermark ahead of the server came from another one: it says nothing.
         s.furthest > s.horizon
           or exists (select from usage_event where hold_id >= $2::uuid and hold_id < $3::uuid and tx >= s.watermark) as not_rolled_up
    from (select least(watermark, statistics_watermark, coalesce(passed_watermark, '0'::xid8)) as watermark,
                 greatest(watermark, statistics_watermark) as furthest,
                 pg_snapshot_xmin(pg_current_snapshot()) as horizon
            from usage_rollup_state) s`;

/**
 * The sums of the month, and whether anything in it differs: a hold from its usage, or an account's holds from its entries, or
 * the losses, but for pictures that reached nobody (`…:late`), which no usage has. Texts of ids sort as the ids do when they are
 * compared byte by byte.
 */
const TOTALS = `
  with held as (
    select id, account_id, settled from hold where id >= $1::uuid and id < $2::uuid)
  , used as (
    select hold_id, account_id, sum(cost) as cost, sum(loss) as loss, count(*) filter (where is_final) as requests, count(*) as attempts
      from usage_event where hold_id >= $1::uuid and hold_id < $2::uuid group by hold_id, account_id)
  , posted as (
    select case kind when 'refund' then credit_id else debit_id end as account_id,
           sum(case kind when 'refund' then -amount else amount end) as amount
      from entry
     where (kind in ('settle', 'late') or (kind = 'refund' and actor = 'relay'))
       and ref collate "C" >= $1::text and ref collate "C" < $2::text group by 1)
  , lost as (
    select coalesce(sum(amount), 0) as amount from entry
     where kind = 'loss' and actor = 'relay' and ref not like '%:late' and ref collate "C" >= $1::text and ref collate "C" < $2::text)
  , settled as (select account_id, sum(settled) as amount from held group by account_id)
  select coalesce(sum(u.requests), 0)::bigint as requests, coalesce(sum(u.attempts), 0)::bigint as attempts,
         coalesce(sum(u.cost), 0)::bigint as cost, coalesce(sum(u.loss), 0)::bigint as loss,
         exists (select from held h full join used o on o.hold_id = h.id and o.account_id = h.account_id
                  where h.id is null or o.hold_id is null or o.cost <> h.settled)
           or exists (select from settled s full join posted p on p.account_id = s.account_id
                       where coalesce(s.amount, 0) <> coalesce(p.amount, 0))
           or coalesce(sum(u.loss), 0) <> (select amount from lost) as differs
    from used u`;
