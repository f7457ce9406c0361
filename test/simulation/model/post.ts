import { type AccountRow, type EntryKind, type EntryRow, HOUSE } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** Money in (above zero) or out of an account, under a reference that makes it happen once. */
export interface Posting {
  readonly kind: EntryKind & ('grant' | 'adjust');
  readonly accountId: string;
  readonly amount: bigint;
  readonly ref: string;
}

export type PostResult = 'posted' | 'posted_before' | 'balance_too_low' | 'account_unknown' | 'ref_conflict';

/** `ledger_post`. */
export function* postMoney(tables: Tables, tx: Transaction, posting: Posting): Procedure<PostResult> {
  const { kind, accountId, amount, ref } = posting;
  const slot = tables.account.slot(accountId);
  if (!tx.lock(slot)) yield slot;
  const account = tx.read(slot);
  if (account === undefined) return 'account_unknown';
  tx.at = tables.clock();
  yield;
  const isIn = amount > 0n;
  const size = isIn ? amount : -amount;
  const old = tables.entry.row(`${kind}:${ref}`);
  if (old !== undefined && tables.missing !== 'post_repeat') {
    const isSame = (isIn ? old.creditId : old.debitId) === accountId && old.amount === size;
    return isSame ? 'posted_before' : 'ref_conflict';
  }
  if (!isIn && size > account.credits - account.debits - account.pending) return 'balance_too_low';
  tables.updateAccount(tx, slot, {
    ...account,
    credits: isIn ? account.credits + size : account.credits,
    debits: isIn ? account.debits : account.debits + size,
  });
  yield;
  const entry = { kind, ref, debitId: isIn ? HOUSE : accountId, creditId: isIn ? accountId : HOUSE, amount: size };
  // Another account's transaction may use the same reference at this moment; only the constraint sees both.
  const other = tables.entry.slot(`${kind}:${ref}`);
  const isElsewhere = (row: EntryRow | undefined) =>
    row !== undefined && row.creditId !== accountId && row.debitId !== accountId;
  yield* tables.insertEntry(tx, entry, isElsewhere(other.row) || other.holder !== undefined);
  return 'posted';
}

/** An administrator freezes an account, or opens it again. */
export function* setStatus(
  tables: Tables,
  tx: Transaction,
  accountId: string,
  status: AccountRow['status'],
): Procedure<void> {
  const slot = tables.account.slot(accountId);
  if (!tx.lock(slot)) yield slot;
  tx.at = tables.clock();
  yield;
  tables.updateAccount(tx, slot, { ...(tx.read(slot) as AccountRow), status });
}
