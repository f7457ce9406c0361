import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';

/**
 * Gives new keys, which have no budget and no holds yet, what they may spend in all; part of the caller's transaction.
 *
 * @param budgets limits by the ids of keys.
 */
export async function insertTotalBudgets(
  session: SqlSession,
  budgets: ReadonlyMap<string, NanoCredits>,
): Promise<void> {
  await session.query(
    `insert into key_budget (key_id, period, limit_amount, period_start, period_end)
     select b.key_id, 'total', b.amount, budget_period_start('total', 'UTC', now()), budget_period_end('total', 'UTC', now())
       from unnest($1::bigint[], $2::bigint[]) as b (key_id, amount)`,
    [[...budgets.keys()], [...budgets.values()]],
  );
}
