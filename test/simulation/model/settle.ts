import type { SettleCode, Settlement } from '../../../src/quota/core/ledger-store.js';
import { closeBudgets } from './budgets.js';
import { closeClaim, insertEvents, toUsageRows } from './claims-and-events.js';
import { type AccountRow, HOUSE, type HoldRow } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** A hold that was closed: what it had been, and what it came to. */
export interface Closed {
  readonly hold: HoldRow;
  readonly settled: bigint;
}

/** `ledger_settle`. */
export function* settle(tables: Tables, tx: Transaction, batch: readonly Settlement[]): Procedure<SettleCode[]> {
  yield* lockAll(
    tables,
    tx,
    batch.map((item) => item.accountId),
  );
  tx.at = tables.clock();
  yield;
  const closed = yield* closeHolds(tables, tx, batch);
  if (closed.length > 0) {
    yield;
    yield* post(tables, tx, closed);
    const ids = new Set(closed.map(({ hold }) => hold.id));
    for (const item of batch) {
      if (!ids.has(item.holdId)) continue;
      const isRepeated = batch.some((other) => other !== item && other.holdId === item.holdId);
      yield* insertEvents(tables, tx, toUsageRows(item), isRepeated);
      yield* closeClaim(tables, tx, item);
    }
  }
  return batch.map(({ holdId }) => {
    if (closed.some(({ hold }) => hold.id === holdId)) return 'closed';
    const hold = tables.hold.row(holdId);
    if (hold === undefined) return 'unknown';
    return hold.state === 'settled' || hold.state === 'released' ? 'closed_before' : 'slow';
  });
}

/** Locks accounts in ascending order. */
export function* lockAll(tables: Tables, tx: Transaction, accountIds: readonly string[]): Procedure<void> {
  const sorted = accountIds.length < 2 ? accountIds : [...new Set(accountIds)].sort((a, b) => Number(a) - Number(b));
  for (const id of sorted) {
    const slot = tables.account.slots.get(id);
    if (slot === undefined) continue;
    if (!tx.lock(slot)) yield slot;
    yield;
  }
}

function* closeHolds(tables: Tables, tx: Transaction, batch: readonly Settlement[]): Procedure<Closed[]> {
  const mayBeClosed = tables.missing === 'settle_state';
  const isMatch = (row: HoldRow | undefined, cost: bigint): row is HoldRow =>
    row !== undefined && (row.state === 'open' || mayBeClosed) && cost <= row.amount;
  const closed: Closed[] = [];
  for (const { holdId, cost } of batch) {
    const slot = tables.hold.slots.get(holdId);
    if (slot === undefined || !isMatch(slot.row, cost) || slot.holder === tx) continue;
    if (!tx.lock(slot)) yield slot;
    // Asked again of the version that is there once the lock is had.
    const hold = tx.read(slot);
    if (!isMatch(hold, cost)) continue;
    tx.write(slot, { ...hold, state: cost === 0n ? 'released' : 'settled', settled: cost });
    closed.push({ hold, settled: cost });
    yield;
  }
  return closed;
}

/** Moves money of closed holds: accounts, budgets and the entries. */
export function* post(tables: Tables, tx: Transaction, closed: readonly Closed[]): Procedure<void> {
  for (const { hold, settled } of closed) {
    const slot = tables.account.slot(hold.accountId);
    if (!tx.lock(slot)) yield slot;
    const row = tx.read(slot) as AccountRow;
    tables.updateAccount(tx, slot, {
      ...row,
      pending: row.pending - hold.amount,
      debits: row.debits + settled,
      used: row.used + settled,
    });
  }
  yield* closeBudgets(
    tables,
    tx,
    closed.map(({ hold, settled }) => ({ keyId: hold.keyId, reserved: hold.amount, settled })),
  );
  yield;
  for (const { hold, settled } of closed) {
    if (settled === 0n) continue;
    const { id: ref, accountId: debitId } = hold;
    yield* tables.insertEntry(tx, { kind: 'settle', ref, debitId, creditId: HOUSE, amount: settled });
  }
}
