import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';

/** How long a budget counts before it begins anew. */
export const BUDGET_PERIODS = ['total', 'day', 'month'] as const;
/** One of {@link BUDGET_PERIODS}. */
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** What a key may spend in a period. */
export interface NewKeyBudget {
  readonly keyId: string;
  readonly period: BudgetPeriod;
  readonly limit: NanoCredits;
  /** A name of the IANA database; undefined keeps the one there is, or takes UTC. */
  readonly timeZone?: string;
  /** False when the account's own people set it, who may then change it as they like. Default: true. */
  readonly isByStaff?: boolean;
}

/**
 * Gives a key a budget, or changes the one it has for this period; what was spent in the period stays counted. A new one
 * counts from now on, the key's open holds included. Part of the caller's transaction, which keeps the account locked.
 *
 * @returns false when there is no such key.
 */
export async function setKeyBudget(
  session: SqlSession,
  { keyId, period, limit, timeZone, isByStaff = true }: NewKeyBudget,
): Promise<boolean> {
  const accountId = await lockAccountOf(session, keyId);
  if (accountId === undefined) return false;
  // Under the account's lock no hold of it opens or closes, so the sum is what it will be when this commits.
  await session.query(
    `insert into key_budget as b (key_id, period, time_zone, limit_amount, period_start, period_end, by_staff, pending)
       select $1, $2, z.zone, $3, budget_period_start($2, z.zone, now()), budget_period_end($2, z.zone, now()), $6,
              (select coalesce(sum(amount), 0) from hold where account_id = $5 and key_id = $1 and state = 'open')
         from (select coalesce($4, (select time_zone from key_budget where key_id = $1 and period = $2), 'UTC') as zone) z
       on conflict (key_id, period) do update
          set time_zone = excluded.time_zone, limit_amount = excluded.limit_amount, period_start = excluded.period_start,
              period_end = excluded.period_end, by_staff = excluded.by_staff,
              posted = case when b.period_end <= now() then 0 else b.posted end`,
    [keyId, period, limit, timeZone ?? null, accountId, isByStaff],
  );
  return true;
}

/**
 * Takes a budget of a key away, or all of them; part of the caller's transaction.
 * @returns how many there were; undefined when there is no such key.
 */
export async function removeKeyBudget(
  session: SqlSession,
  keyId: string,
  period?: BudgetPeriod,
): Promise<number | undefined> {
  if ((await lockAccountOf(session, keyId)) === undefined) return undefined;
  const removed = await session.query(
    `delete from key_budget where key_id = $1 and ($2::text is null or period = $2) returning period`,
    [keyId, period ?? null],
  );
  return removed.length;
}

/** Accounts are locked before budgets, here as everywhere. */
async function lockAccountOf(session: SqlSession, keyId: string): Promise<string | undefined> {
  const [account] = await session.query<{ id: string }>(
    `select a.id from account a join api_key k on k.account_id = a.id where k.id = $1 for no key update of a`,
    [keyId],
  );
  return account?.id;
}
