import { Finding } from '../finding.js';
import type { Mutation } from '../mutations.js';
import {
  type AccountRow,
  type BudgetRow,
  type ClaimRow,
  type CodeRow,
  type EntryRow,
  type HoldRow,
  type RedemptionRow,
  type Slot,
  Table,
  type UsageRow,
} from './rows.js';
import { type Procedure, StatementError, type Transaction } from './transaction.js';

/** What the procedures work on: the tables, the clock, and which guard is missing. */
export class Tables {
  readonly account = new Table<AccountRow>('account');
  readonly budget = new Table<BudgetRow>('key_budget');
  readonly hold = new Table<HoldRow>('hold');
  readonly usage = new Table<UsageRow>('usage_event');
  readonly entry = new Table<EntryRow>('entry');
  readonly claim = new Table<ClaimRow>('idempotency');
  readonly code = new Table<CodeRow>('redemption_code');
  readonly redemption = new Table<RedemptionRow>('redemption');
  /** Slots of the budgets of a key. */
  readonly budgetsOfKey = new Map<string, Slot<BudgetRow>[]>();
  /** Slots of a hold's claim. */
  readonly claimOfHold = new Map<string, Slot<ClaimRow>>();
  /** The partial index of open holds. */
  readonly openHolds = new Set<Slot<HoldRow>>();

  constructor(
    /** The database's clock in milliseconds. */
    readonly clock: () => number,
    readonly missing: Mutation | undefined,
  ) {}

  /** Notes the same in the account of the database's own guards: a constraint that fires where the design says it cannot. */
  check(holds: boolean, constraint: string): void {
    if (!holds) throw new Finding(`check constraint of ${constraint} fired: the ledger had to refuse before`);
  }

  updateAccount(tx: Transaction, slot: Slot<AccountRow>, row: AccountRow): void {
    const { credits, debits, pending } = row;
    const isSound = credits >= 0n && debits >= 0n && pending >= 0n && credits - debits - pending >= 0n;
    this.check(isSound, `account ${row.id}: credits ${credits}, debits ${debits}, pending ${pending}`);
    tx.write(slot, row);
  }

  updateBudget(tx: Transaction, slot: Slot<BudgetRow>, row: BudgetRow): void {
    this.check(row.posted >= 0n && row.pending >= 0n, `key_budget ${slot.key}`);
    tx.write(slot, row);
  }

  /**
   * Inserts a row. A second one waits for the first one's transaction, as a unique index makes it.
   * @param mayCollide the design knows that this can be refused.
   */
  *insert<Row extends object>(tx: Transaction, slot: Slot<Row>, row: Row, mayCollide: boolean): Procedure<void> {
    if (!tx.lock(slot)) yield slot;
    if (tx.read(slot) !== undefined) {
      if (!mayCollide) throw new Finding(`unique constraint of ${slot.table} fired on ${slot.key} in ${tx.call.title}`);
      throw new StatementError(slot.table, 'unique');
    }
    tx.write(slot, row);
  }

  *insertEntry(tx: Transaction, row: EntryRow, mayCollide = false): Procedure<void> {
    this.check(row.amount > 0n && row.debitId !== row.creditId, `entry ${row.kind} ${row.ref}`);
    let slot = this.entry.slot(`${row.kind}:${row.ref}`);
    // Without the constraint a second row finds a place of its own.
    if (this.missing === 'entry_unique') {
      for (let copy = 2; tx.read(slot) !== undefined || slot.holder !== undefined; copy++) {
        slot = this.entry.slot(`${row.kind}:${row.ref}#${copy}`);
      }
    }
    yield* this.insert(tx, slot, row, mayCollide);
  }
}
