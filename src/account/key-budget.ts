import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';

/** What a key may still spend in the current period. */
export interface KeyBudget {
  readonly period: 'total' | 'day' | 'month';
  readonly timeZone: string;
  readonly limit: NanoCredits;
  /** Settled in this period. */
  readonly used: NanoCredits;
  /** Open holds of the key. */
  readonly pending: NanoCredits;
  readonly remaining: NanoCredits;
  /** When the next period begins; null for `total`. */
  readonly resetsAt: Date | null;
  /** An operator set it, not the account's own people. */
  readonly isByStaff: boolean;
}

/** Columns of {@link KEY_BUDGET_COLUMNS}. */
export interface KeyBudgetRow {
  period: KeyBudget['period'];
  time_zone: string;
  limit_amount: string;
  posted: string;
  pending: string;
  resets_at: Date | null;
  by_staff: boolean;
}

/** What {@link toKeyBudget} needs of `key_budget b`. Its row changes period when money next moves; before, it is of the past one. */
export const KEY_BUDGET_COLUMNS = `
  b.period, b.time_zone, b.limit_amount, case when b.period_end <= now() then 0 else b.posted end as posted, b.pending,
  case when b.period <> 'total' then budget_period_end(b.period, b.time_zone, now()) end as resets_at, b.by_staff`;

/** The budgets of keys, by key, in the order in which they were made. A key without any is missing. */
export async function readKeyBudgets(
  session: SqlSession,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, KeyBudget[]>> {
  const rows = await session.query<KeyBudgetRow & { key_id: string }>(
    `select b.key_id, ${KEY_BUDGET_COLUMNS} from key_budget b where b.key_id = any ($1::bigint[])
      order by b.created_at, b.period`,
    [keyIds],
  );
  const budgets = Map.groupBy(rows, (row) => row.key_id);
  return new Map([...budgets].map(([keyId, group]) => [keyId, group.map(toKeyBudget)]));
}

/** A stored budget as reports show it. */
export function toKeyBudget(row: KeyBudgetRow): KeyBudget {
  const limit = BigInt(row.limit_amount);
  const used = BigInt(row.posted);
  const pending = BigInt(row.pending);
  const left = limit - used - pending;
  return {
    period: row.period,
    timeZone: row.time_zone,
    limit,
    used,
    pending,
    // A limit that was lowered below what is spent leaves nothing, not less.
    remaining: left > 0n ? left : 0n,
    resetsAt: row.resets_at,
    isByStaff: row.by_staff,
  };
}
