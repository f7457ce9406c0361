import type { ExtendResult, Extension } from '../../../src/quota/core/ledger-store.js';
import { rollBudgets, roomOf, takeFromBudgets } from './budgets.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** `ledger_extend`. */
export function* extend(tables: Tables, tx: Transaction, extension: Extension): Procedure<ExtendResult> {
  const { holdId, accountId, from, extra } = extension;
  const accountSlot = tables.account.slot(accountId);
  if (!tx.lock(accountSlot)) yield accountSlot;
  const account = tx.read(accountSlot);
  tx.at = tables.clock();
  yield;
  const slot = tables.hold.slot(holdId);
  if (tx.read(slot) === undefined || account === undefined) return { status: 'unknown', amount: 0n };
  if (!tx.lock(slot)) yield slot;
  const hold = tx.read(slot);
  if (hold === undefined || hold.accountId !== accountId) return { status: 'unknown', amount: 0n };
  const { amount } = hold;
  if (hold.state !== 'open') return { status: 'closed', amount };
  if (amount > from && tables.missing !== 'extend_repeat') return { status: 'extended', amount };
  if (account.status !== 'active') return { status: 'account_not_active', amount };
  const room = account.credits - account.debits - account.pending;
  let granted = room < extra ? room : extra;
  if (granted <= 0n) return { status: 'balance_too_low', amount };
  yield;
  const budgets = hold.keyId === null ? undefined : tables.budgetsOfKey.get(hold.keyId);
  if (budgets !== undefined) {
    yield* rollBudgets(tables, tx, budgets);
    const left = roomOf(tx, budgets) ?? granted;
    if (left < granted) granted = left;
    if (granted <= 0n) return { status: 'key_budget_too_low', amount };
    yield* takeFromBudgets(tables, tx, budgets, granted);
  }
  tables.updateAccount(tx, accountSlot, { ...account, pending: account.pending + granted });
  yield;
  tx.write(slot, { ...hold, amount: amount + granted });
  return { status: 'extended', amount: amount + granted };
}
