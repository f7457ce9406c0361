import type { MeteredHold, SweptHold } from '../../../src/quota/core/ledger-store.js';
import { insertEvents } from './claims-and-events.js';
import type { Owner } from './reserve.js';
import type { HoldRow, Slot } from './rows.js';
import { type Closed, lockAll, post } from './settle.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** `ledger_heartbeat`. */
export function* heartbeat(
  tables: Tables,
  tx: Transaction,
  holds: readonly MeteredHold[],
  owner: Owner,
): Procedure<string[]> {
  tx.at = tables.clock();
  yield;
  const isMine = (row: HoldRow | undefined): row is HoldRow =>
    row !== undefined && row.state === 'open' && row.owner === owner.name && row.epoch === owner.epoch;
  const touched: string[] = [];
  const leaseUntil = tx.at + owner.leaseMs;
  for (const { holdId, metered } of holds) {
    const slot = tables.hold.slots.get(holdId);
    if (slot === undefined || !isMine(slot.row)) continue;
    if (!tx.lock(slot)) {
      if (tables.missing !== 'heartbeat_skip_locked') continue;
      yield slot;
    }
    const row = tx.read(slot);
    if (!isMine(row)) continue;
    const isMore = metered > row.metered || tables.missing === 'heartbeat_greatest';
    tx.write(slot, {
      ...row,
      leaseUntil: row.leaseUntil > leaseUntil ? row.leaseUntil : leaseUntil,
      metered: isMore ? metered : row.metered,
    });
    touched.push(holdId);
    yield;
  }
  tx.touched = touched;
  yield;
  return holds.flatMap(({ holdId }) => {
    const row = tables.hold.row(holdId);
    return row === undefined || row.state === 'open' ? [] : [holdId];
  });
}

/** `ledger_sweep`. */
export function* sweep(tables: Tables, tx: Transaction, limit: number): Procedure<SweptHold[]> {
  tx.at = tables.clock();
  const isDue = (row: HoldRow | undefined): row is HoldRow =>
    row !== undefined && row.state === 'open' && (row.leaseUntil < tx.at || tables.missing === 'sweep_lease');
  const due = [...tables.openHolds]
    .filter((slot) => isDue(slot.row))
    .sort((a, b) => (a.row?.leaseUntil ?? 0) - (b.row?.leaseUntil ?? 0))
    .slice(0, limit);
  if (due.length === 0) return [];
  yield;
  const accounts = due.map((slot) => (slot.row as HoldRow).accountId);
  if (tables.missing === 'lock_order') yield* lockHolds(tx, due);
  yield* lockAll(tables, tx, accounts);
  const closed: Closed[] = [];
  for (const slot of due) {
    const isAskedAgain = tables.missing !== 'sweep_lease_again' && tables.missing !== 'sweep_lease';
    if (!isDue(slot.row) && isAskedAgain) continue;
    if (!tx.lock(slot)) yield slot;
    // Asked again under the lock: its owner may have been alive after all.
    const hold = tx.read(slot);
    if (hold === undefined || hold.state !== 'open' || (!isDue(hold) && isAskedAgain)) continue;
    const isMetered = hold.metered < hold.amount && tables.missing !== 'sweep_metered';
    const settled = isMetered ? hold.metered : hold.amount;
    tx.write(slot, { ...hold, state: 'swept', settled });
    closed.push({ hold, settled });
    yield;
  }
  if (closed.length === 0) return [];
  for (const { hold, settled } of closed) {
    const swept = { attempt: 0, isFinal: true, outcome: 'swept' as const, cost: settled, loss: 0n };
    yield* insertEvents(tables, tx, [{ holdId: hold.id, ...swept }]);
  }
  yield* post(tables, tx, closed);
  if (tables.missing !== 'sweep_claims') yield* freeClaims(tables, tx, closed);
  return closed.map(({ hold: { id: holdId, accountId, amount, kind }, settled }) => ({
    holdId,
    accountId,
    amount,
    settled,
    kind,
  }));
}

function* lockHolds(tx: Transaction, slots: readonly Slot<HoldRow>[]): Procedure<void> {
  for (const slot of slots) {
    if (!tx.lock(slot)) yield slot;
    yield;
  }
}

function* freeClaims(tables: Tables, tx: Transaction, closed: readonly Closed[]): Procedure<void> {
  for (const { hold } of closed) {
    const slot = tables.claimOfHold.get(hold.id);
    if (slot === undefined) continue;
    if (!tx.lock(slot)) yield slot;
    const row = tx.read(slot);
    if (row?.holdId === hold.id && row.state === 'running') tx.write(slot, null);
  }
}
