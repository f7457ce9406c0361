import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import { accountNotFound, grantConflict } from './quota.errors.js';

/** The system account that issues and receives money. Its balance is derived from entries, so it has no hot row. */
const HOUSE_ACCOUNT_ID = '1';

/** Who gives quota to an account, and why. */
export interface Grant {
  readonly accountId: string;
  /** More than zero. */
  readonly amount: NanoCredits;
  /** Who did it, such as `bootstrap` or `user:7`. */
  readonly actor: string;
  readonly reason?: string;
  /** Makes the grant happen once: posting the same reference again changes nothing. */
  readonly ref: string;
}

/**
 * Posts a grant: an entry, and the account's counter, which must be in the same transaction.
 *
 * @returns false when this grant had been posted before.
 * @throws HubError 404 without such an account, 409 when the reference was used for another account or amount.
 */
export async function postGrant(session: SqlSession, grant: Grant): Promise<boolean> {
  if (grant.amount <= 0n) throw new RangeError('A grant must be more than zero');
  // Accounts are locked before anything else, here as everywhere, so that two transactions cannot wait for each other.
  const accounts = await session.query(`select id from account where id = $1 and kind = 'customer' for update`, [
    grant.accountId,
  ]);
  if (accounts.length === 0) throw accountNotFound(grant.accountId);
  const inserted = await session.query(
    `insert into entry (kind, debit_id, credit_id, amount, ref, actor, reason)
     values ('grant', $1, $2, $3, $4, $5, $6) on conflict (kind, ref) do nothing returning id`,
    [HOUSE_ACCOUNT_ID, grant.accountId, grant.amount, grant.ref, grant.actor, grant.reason ?? null],
  );
  if (inserted.length === 0) {
    await checkSameGrant(session, grant);
    return false;
  }
  await session.query(`update account set credits_posted = credits_posted + $2 where id = $1`, [
    grant.accountId,
    grant.amount,
  ]);
  return true;
}

async function checkSameGrant(session: SqlSession, grant: Grant): Promise<void> {
  const [entry] = await session.query<{ credit_id: string; amount: string }>(
    `select credit_id, amount from entry where kind = 'grant' and ref = $1`,
    [grant.ref],
  );
  if (entry?.credit_id !== grant.accountId || BigInt(entry.amount) !== grant.amount) throw grantConflict(grant.ref);
}
