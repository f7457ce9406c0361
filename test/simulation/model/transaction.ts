import type { ReplayCall } from '../replay-call.js';
import type { Slot } from './rows.js';

/**
 * A function of the database, statement by statement. It yields a slot when it must wait for its lock, and undefined wherever
 * other transactions may run meanwhile.
 */
export type Procedure<Result> = Generator<Slot | undefined, Result, undefined>;

/** How a statement can fail: a constraint refused it. */
export class StatementError extends Error {
  override readonly name = 'StatementError';

  constructor(
    readonly constraint: string,
    readonly kind: 'unique' | 'check',
  ) {
    super(`${kind} constraint ${constraint} refused a row`);
  }
}

/** What a transaction was started for, as far as the database cares. */
export interface CallInfo {
  readonly title: string;
  /** Set by whoever waits for the answer: it has stopped waiting. */
  isAbandoned: boolean;
  /** What is noted for the replay, without the moment. */
  readonly replay?: ReplayCall;
}

/** One transaction: its locks and the versions of rows that only it can see. */
export class Transaction {
  readonly written: Slot[] = [];
  readonly locks: Slot[] = [];
  waitingFor: Slot | undefined;
  isOver = false;
  /** The procedure answers without having changed anything. */
  isRolledBack = false;
  /** The database's clock as the procedure has read it. */
  at = 0;
  /** It was abandoned before it could commit: a zombie, whose result nobody has seen. */
  wasAbandoned = false;
  /** Holds that a heartbeat has really touched. */
  touched: string[] | undefined;

  constructor(readonly call: CallInfo) {}

  /** Takes the lock when it is free; otherwise the procedure yields the slot, or skips it. */
  lock(slot: Slot): boolean {
    if (slot.holder === this) return true;
    if (slot.holder !== undefined) return false;
    slot.holder = this;
    this.locks.push(slot);
    return true;
  }

  /** The newest version this transaction can see. */
  read<Row extends object>(slot: Slot<Row>): Row | undefined {
    if (slot.holder === this && slot.draft !== undefined) return slot.draft ?? undefined;
    return slot.row;
  }

  /** Replaces a row whose lock this transaction has; null deletes it. */
  write<Row extends object>(slot: Slot<Row>, row: Row | null): void {
    if (slot.holder !== this) throw new Error(`${slot.table} ${slot.key} is written without its lock`);
    if (slot.draft === undefined) this.written.push(slot);
    slot.draft = row;
  }
}
