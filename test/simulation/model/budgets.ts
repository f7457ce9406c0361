import type { BudgetRow, Slot } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

const DAY_MS = 86_400_000;

/** What the holds of one key were and became. */
export interface BudgetChange {
  readonly keyId: string | null;
  readonly reserved: bigint;
  readonly settled: bigint;
}

/** `budget_period_start` and `budget_period_end`, in UTC. */
export function periodOf(period: BudgetRow['period'], at: number): { readonly start: number; readonly end: number } {
  if (period === 'total') return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  if (period === 'day') {
    const start = Math.floor(at / DAY_MS) * DAY_MS;
    return { start, end: start + DAY_MS };
  }
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
}

/** Begins a new period of each budget whose period is over. */
export function* rollBudgets(tables: Tables, tx: Transaction, slots: readonly Slot<BudgetRow>[]): Procedure<void> {
  for (const slot of slots) {
    const before = tx.read(slot);
    if (before === undefined || before.end > tx.at) continue;
    if (!tx.lock(slot)) yield slot;
    const row = tx.read(slot) as BudgetRow;
    if (row.end > tx.at) continue;
    tables.updateBudget(tx, slot, { ...row, ...periodOf(row.period, tx.at), posted: 0n });
  }
}

/** What a key may still reserve, never below 0; undefined: no limit. */
export function roomOf(tx: Transaction, slots: readonly Slot<BudgetRow>[]): bigint | undefined {
  let least: bigint | undefined;
  for (const slot of slots) {
    const row = tx.read(slot);
    if (row === undefined) continue;
    const left = row.limit - row.posted - row.pending;
    const room = left > 0n ? left : 0n;
    if (least === undefined || room < least) least = room;
  }
  return least;
}

/** Adds to what is pending in the budgets of a key. */
export function* takeFromBudgets(
  tables: Tables,
  tx: Transaction,
  slots: readonly Slot<BudgetRow>[],
  amount: bigint,
): Procedure<void> {
  for (const slot of slots) {
    if (!tx.lock(slot)) yield slot;
    const row = tx.read(slot) as BudgetRow;
    tables.updateBudget(tx, slot, { ...row, pending: row.pending + amount });
  }
}

/** `ledger_close_budgets`. */
export function* closeBudgets(tables: Tables, tx: Transaction, changes: readonly BudgetChange[]): Procedure<void> {
  for (const { keyId, reserved, settled } of changes) {
    const slots = keyId === null ? undefined : tables.budgetsOfKey.get(keyId);
    for (const slot of slots ?? []) {
      if (!tx.lock(slot)) yield slot;
      const row = tx.read(slot) as BudgetRow;
      const isOver = row.end <= tx.at;
      tables.updateBudget(tx, slot, {
        ...row,
        ...(isOver ? periodOf(row.period, tx.at) : undefined),
        pending: row.pending - reserved,
        posted: isOver ? settled : row.posted + settled,
      });
    }
  }
}
