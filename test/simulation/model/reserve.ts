import type { Reservation, ReserveResult } from '../../../src/quota/core/ledger-store.js';
import { rollBudgets, roomOf, takeFromBudgets } from './budgets.js';
import type { AccountRow, BudgetRow, Slot } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** Who holds, as `ledger_reserve` and `ledger_heartbeat` take it. */
export interface Owner {
  readonly name: string;
  readonly epoch: number;
  readonly leaseMs: number;
}

interface LockedAccount {
  readonly slot: Slot<AccountRow>;
  readonly isActive: boolean;
  room: bigint;
  taken: bigint;
}

interface Budget {
  readonly slots: readonly Slot<BudgetRow>[];
  room: bigint;
  taken: bigint;
}

/** Places of a batch in ascending order of accounts; arrival order stays within an account. */
export function byAccount(batch: readonly { readonly accountId: string }[]): number[] {
  const order = batch.map((_, index) => index);
  if (batch.length < 2) return order;
  return order.sort((a, b) => Number(batch[a]?.accountId) - Number(batch[b]?.accountId) || a - b);
}

/** `ledger_reserve`. `batch` is sorted by account. */
export function* reserve(
  tables: Tables,
  tx: Transaction,
  batch: readonly Reservation[],
  isRetry: boolean,
  owner: Owner,
): Procedure<ReserveResult[]> {
  const accounts = yield* lockAccounts(tables, tx, batch);
  tx.at = tables.clock();
  yield;
  const budgets = yield* readBudgets(tables, tx, batch);
  const results = new Array<ReserveResult | undefined>(batch.length);
  if (isRetry && tables.missing !== 'retry_check') {
    yield;
    for (const [index, { holdId }] of batch.entries()) {
      const hold = tables.hold.row(holdId);
      if (hold === undefined) continue;
      results[index] =
        hold.state === 'open'
          ? { status: 'held', amount: hold.amount }
          : { status: 'refused', reason: 'closed_before' };
    }
  }
  const known = new Set<number>();
  for (const [index, result] of results.entries()) if (result !== undefined) known.add(index);
  if (batch.some((item) => item.claim !== undefined)) yield* checkClaims(tables, tx, batch, results);
  for (const [index, item] of batch.entries()) {
    results[index] ??= admit(
      tables,
      item,
      accounts.get(item.accountId),
      item.keyId === null ? undefined : budgets.get(item.keyId),
    );
  }
  const held = batch.flatMap((item, index) => {
    const result = results[index];
    return result?.status === 'held' && !known.has(index) ? [{ item, amount: result.amount }] : [];
  });
  if (held.length > 0) yield* writeDown(tables, tx, held, accounts, budgets, owner, isRetry);
  return results as ReserveResult[];
}

function* lockAccounts(
  tables: Tables,
  tx: Transaction,
  batch: readonly Reservation[],
): Procedure<Map<string, LockedAccount>> {
  const accounts = new Map<string, LockedAccount>();
  for (const { accountId } of batch) {
    if (accounts.has(accountId)) continue;
    const slot = tables.account.slots.get(accountId);
    if (slot === undefined) continue;
    if (tables.missing !== 'account_lock') {
      if (!tx.lock(slot)) yield slot;
      yield;
    }
    const row = tx.read(slot);
    if (row === undefined) continue;
    const room = row.credits - row.debits - row.pending;
    accounts.set(accountId, { slot, isActive: row.status === 'active', room, taken: 0n });
  }
  return accounts;
}

function* readBudgets(tables: Tables, tx: Transaction, batch: readonly Reservation[]): Procedure<Map<string, Budget>> {
  const budgets = new Map<string, Budget>();
  for (const { keyId } of batch) {
    const slots = keyId === null ? undefined : tables.budgetsOfKey.get(keyId);
    if (keyId === null || slots === undefined || budgets.has(keyId)) continue;
    yield* rollBudgets(tables, tx, slots);
    budgets.set(keyId, { slots, room: roomOf(tx, slots) ?? 0n, taken: 0n });
  }
  return budgets;
}

export function claimKey(accountId: string, route: string, key: string): string {
  return `${accountId} ${route} ${key}`;
}

function* checkClaims(
  tables: Tables,
  tx: Transaction,
  batch: readonly Reservation[],
  results: (ReserveResult | undefined)[],
): Procedure<void> {
  yield;
  const seen = new Set<string>();
  for (const [index, { accountId, claim }] of batch.entries()) {
    if (claim === undefined) continue;
    const slot = tables.claim.slot(claimKey(accountId, claim.route, claim.key));
    const row = tx.read(slot);
    if (row !== undefined && row.expiresAt <= tx.at) {
      if (!tx.lock(slot)) yield slot;
      tx.write(slot, null);
    }
    const isTaken = (tx.read(slot) !== undefined && tables.missing !== 'claim_check') || seen.has(slot.key);
    if (isTaken) results[index] ??= { status: 'refused', reason: 'claim_taken' };
    seen.add(slot.key);
  }
}

function admit(
  tables: Tables,
  item: Reservation,
  account: LockedAccount | undefined,
  budget: Budget | undefined,
): ReserveResult {
  if (account === undefined) return { status: 'refused', reason: 'account_unknown' };
  if (!account.isActive) return { status: 'refused', reason: 'account_not_active' };
  const isChecked = tables.missing !== 'conditional_update';
  let granted = isChecked && account.room < item.amount ? account.room : item.amount;
  if (granted < item.minimum) return { status: 'refused', reason: 'balance_too_low' };
  if (budget !== undefined) {
    if (budget.room < granted && tables.missing !== 'budget_room') granted = budget.room;
    if (granted < item.minimum) return { status: 'refused', reason: 'key_budget_too_low' };
    budget.room -= granted;
    budget.taken += granted;
  }
  account.room -= granted;
  account.taken += granted;
  return { status: 'held', amount: granted };
}

function* writeDown(
  tables: Tables,
  tx: Transaction,
  held: readonly { readonly item: Reservation; readonly amount: bigint }[],
  accounts: ReadonlyMap<string, LockedAccount>,
  budgets: ReadonlyMap<string, Budget>,
  owner: Owner,
  isRetry: boolean,
): Procedure<void> {
  for (const { slot, taken } of accounts.values()) {
    if (taken === 0n) continue;
    if (!tx.lock(slot)) yield slot;
    const row = tx.read(slot) as AccountRow;
    tables.updateAccount(tx, slot, { ...row, pending: row.pending + taken });
  }
  for (const { slots, taken } of budgets.values()) {
    if (taken > 0n) yield* takeFromBudgets(tables, tx, slots, taken);
  }
  yield;
  // A call that was given up may still be carried out after its repetition: the primary key stops it.
  const mayCollide = tx.call.isAbandoned && !isRetry;
  const leaseUntil = tx.at + owner.leaseMs;
  for (const { item, amount } of held) {
    const { holdId: id, accountId, keyId, kind } = item;
    const open = { metered: 0n, settled: null, state: 'open' as const, leaseUntil };
    const row = { id, accountId, keyId, kind, amount, ...open, owner: owner.name, epoch: owner.epoch };
    yield* tables.insert(tx, tables.hold.slot(id), row, mayCollide);
  }
  yield;
  for (const { item } of held) {
    const { accountId, claim, holdId } = item;
    if (claim === undefined) continue;
    const slot = tables.claim.slot(claimKey(accountId, claim.route, claim.key));
    const expiresAt = tx.at + claim.ttlSeconds * 1000;
    const running = { state: 'running' as const, status: null, expiresAt };
    yield* tables.insert(tx, slot, { accountId, route: claim.route, key: claim.key, holdId, ...running }, false);
  }
}
