import { insertAlert } from '../alerts/insert-alert.js';
import type { SqlSession } from '../database/sql.js';

/** `frozen`: for now nothing can be used; `closed`: for good. The books of either stay, and running requests are settled. */
export type AccountStatus = 'active' | 'frozen' | 'closed';

/**
 * Changes the status of a customer's account; part of the caller's transaction. Its keys are refused from then on, or accepted
 * again; other instances must be told (`TOPIC_KEYS`).
 *
 * @param from what it must be for that.
 * @returns what it was: the account was changed when that is one of `from`. Undefined when there is no such account.
 */
export async function changeAccountStatus(
  session: SqlSession,
  id: string,
  to: AccountStatus,
  from: readonly AccountStatus[],
): Promise<AccountStatus | undefined> {
  const [account] = await session.query<{ status: AccountStatus }>(
    `select status from account where id = $1 and kind = 'customer' for no key update`,
    [id],
  );
  if (account === undefined) return undefined;
  if (from.includes(account.status)) {
    await session.query(`update account set status = $2, version = version + 1 where id = $1`, [id, to]);
  }
  return account.status;
}

/** Keeps as an alert that somebody has unfrozen an account, and why; in the transaction that did it. */
export async function tellUnfrozen(session: SqlSession, id: string, reason: string): Promise<void> {
  const [now] = await session.query<{ at: Date }>('select now() as at');
  await insertAlert(session, {
    kind: 'account_unfrozen',
    severity: 'info',
    subject: `account:${id}`,
    message: `Account ${id} was unfrozen: ${reason}`,
    details: { accountId: id, reason },
    dedupeKey: `account_unfrozen:${id}:${now?.at.toISOString()}`,
  });
}
