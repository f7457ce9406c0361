import type { Settlement, SettleResult } from '../../../src/quota/core/ledger-store.js';
import { closeBudgets } from './budgets.js';
import { closeClaim, insertEvents } from './claims-and-events.js';
import { claimKey } from './reserve.js';
import { type AccountRow, HOUSE, type HoldRow, LOSS, type Slot, type UsageRow } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** `ledger_settle_slow`: a cost above the hold, or a settlement after the sweep. */
export function* settleSlow(tables: Tables, tx: Transaction, settlement: Settlement): Procedure<SettleResult> {
  const { holdId, accountId, cost } = settlement;
  const accountSlot = tables.account.slot(accountId);
  if (!tx.lock(accountSlot)) yield accountSlot;
  const account = tx.read(accountSlot);
  tx.at = tables.clock();
  yield;
  const slot = tables.hold.slot(holdId);
  if (tx.read(slot) === undefined || account === undefined) return { status: 'unknown', charged: 0n, lost: 0n };
  if (!tx.lock(slot)) yield slot;
  const hold = tx.read(slot) as HoldRow;
  if (tables.missing !== 'slow_state' && (hold.state === 'settled' || hold.state === 'released')) {
    return { status: 'closed_before', charged: 0n, lost: 0n };
  }
  const balance = tables.missing === 'loss_floor' ? 1n << 50n : account.credits - account.debits - account.pending;
  const isTaken = hold.state === 'swept' && isTakenByAnother(tables, tx, settlement);
  const room = isTaken ? 0n : balance;
  const { charged, lost } =
    hold.state === 'open'
      ? yield* overrun(tables, tx, hold, slot, accountSlot, cost, room)
      : yield* late(tables, tx, hold, slot, accountSlot, cost, room);
  if (lost > 0n) {
    yield* tables.insertEntry(tx, { kind: 'loss', ref: holdId, debitId: LOSS, creditId: HOUSE, amount: lost });
  }
  yield;
  yield* insertEvents(tables, tx, toRows(settlement, hold, charged, lost));
  if (hold.state === 'swept' && settlement.claim !== undefined && !isTaken) yield* keepAnswer(tables, tx, settlement);
  else yield* closeClaim(tables, tx, settlement);
  return { status: 'closed', charged, lost };
}

/** The sweep gave the claim free, and another request has it now. */
function isTakenByAnother(tables: Tables, tx: Transaction, { accountId, claim }: Settlement): boolean {
  if (claim === undefined) return false;
  const row = tx.read(tables.claim.slot(claimKey(accountId, claim.route, claim.key)));
  return row !== undefined && row.expiresAt > tx.at;
}

/** Nobody has taken the claim that the sweep gave free: the answer is kept for it after all. */
function* keepAnswer(
  tables: Tables,
  tx: Transaction,
  { holdId, accountId, claim, answer }: Settlement,
): Procedure<void> {
  if (claim === undefined || answer === undefined) return;
  const { route, key } = claim;
  const slot = tables.claim.slot(claimKey(accountId, route, key));
  if (tx.read(slot) !== undefined) return;
  const expiresAt = tx.at + claim.ttlSeconds * 1000;
  const row = { accountId, route, key, holdId, state: 'done' as const, status: answer.status, expiresAt };
  yield* tables.insert(tx, slot, row, false);
}

interface Paid {
  readonly charged: bigint;
  readonly lost: bigint;
}

function* overrun(
  tables: Tables,
  tx: Transaction,
  hold: HoldRow,
  slot: Slot<HoldRow>,
  accountSlot: Slot<AccountRow>,
  cost: bigint,
  room: bigint,
): Procedure<Paid> {
  const charged = cost < hold.amount + room ? cost : hold.amount + room;
  tx.write(slot, { ...hold, state: charged === 0n ? 'released' : 'settled', settled: charged });
  const account = tx.read(accountSlot) as AccountRow;
  tables.updateAccount(tx, accountSlot, {
    ...account,
    pending: account.pending - hold.amount,
    debits: account.debits + charged,
    used: account.used + charged,
  });
  yield;
  yield* closeBudgets(tables, tx, [{ keyId: hold.keyId, reserved: hold.amount, settled: charged }]);
  if (charged > 0n) {
    const { id: ref, accountId: debitId } = hold;
    yield* tables.insertEntry(tx, { kind: 'settle', ref, debitId, creditId: HOUSE, amount: charged });
  }
  return { charged, lost: cost - charged };
}

function* late(
  tables: Tables,
  tx: Transaction,
  hold: HoldRow,
  slot: Slot<HoldRow>,
  accountSlot: Slot<AccountRow>,
  cost: bigint,
  room: bigint,
): Procedure<Paid> {
  const { id: ref, accountId } = hold;
  const before = hold.settled ?? 0n;
  const delta = cost - before;
  const charged = delta < room ? delta : room;
  const state = before + charged === 0n ? 'released' : 'settled';
  tx.write(slot, { ...hold, state: tables.missing === 'late_once' ? 'swept' : state, settled: before + charged });
  const account = tx.read(accountSlot) as AccountRow;
  if (charged > 0n) {
    tables.updateAccount(tx, accountSlot, {
      ...account,
      debits: account.debits + charged,
      used: account.used + charged,
    });
    yield* tables.insertEntry(tx, { kind: 'late', ref, debitId: accountId, creditId: HOUSE, amount: charged });
  } else if (charged < 0n) {
    tables.updateAccount(tx, accountSlot, {
      ...account,
      credits: account.credits - charged,
      used: account.used + charged,
    });
    yield* tables.insertEntry(tx, { kind: 'refund', ref, debitId: HOUSE, creditId: accountId, amount: -charged });
  }
  yield;
  if (charged !== 0n) {
    const settled = charged > 0n ? charged : 0n;
    yield* closeBudgets(tables, tx, [{ keyId: hold.keyId, reserved: 0n, settled }]);
  }
  return { charged, lost: delta - charged };
}

/** What the account paid is known only now: it is the cost of the final attempt. */
function toRows({ holdId, cost, events }: Settlement, hold: HoldRow, charged: bigint, lost: bigint): UsageRow[] {
  const isLate = hold.state === 'swept';
  return events.map((event) => {
    const row = { holdId, attempt: event.attempt, isFinal: event.isFinal, outcome: event.outcome };
    if (!event.isFinal) return { ...row, cost: 0n, loss: 0n };
    const paid = { cost: charged, loss: lost };
    if (isLate) return { ...row, ...paid, isFinal: false, outcome: 'late' };
    return { ...row, ...paid, outcome: cost > hold.amount ? 'overrun' : event.outcome };
  });
}
