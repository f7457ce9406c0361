import type { LedgerStoreFault } from '../../../src/quota/core/ledger-store.js';
import { Finding } from '../finding.js';
import type { Mutation } from '../mutations.js';
import type { Random } from '../random.js';
import type { Scheduler } from '../scheduler.js';
import type { ClaimRow, HoldRow, Slot } from './rows.js';
import { Tables } from './tables.js';
import { type CallInfo, type Procedure, StatementError, Transaction } from './transaction.js';

/** What becomes of a transaction inside the database. */
export interface Fate {
  /** After how many statements the session dies. */
  readonly diesAfter?: number;
  /** After how many statements it stands still for a while, with all its locks. */
  readonly stallsAfter?: number;
  readonly stallUs?: number;
  /** It loses against another one when it commits. */
  readonly isConflict?: boolean;
}

export type Outcome<Result> =
  | { readonly value: Result; readonly fault?: undefined }
  | { readonly fault: LedgerStoreFault };

/** How the sessions of this run of the simulation are paced. */
export interface Pace {
  /** How often another transaction may run between two statements. */
  readonly stepChance: number;
  readonly stepUsMax: number;
}

interface Session<Result> {
  readonly tx: Transaction;
  readonly procedure: Procedure<Result>;
  readonly fate: Fate;
  readonly done: (outcome: Outcome<Result>) => void;
  steps: number;
}

const LOCK_TIMEOUT_US = 250_000;
const WAKE_US = 200;

/**
 * A model of PostgreSQL as far as the ledger can tell: transactions whose statements interleave, row locks with a line of
 * waiters and a timeout, READ COMMITTED, constraints, commits that all see or none.
 */
export class ModelDatabase {
  readonly tables: Tables;
  /** Sessions of transactions that are not over. */
  private readonly sessions = new Map<Transaction, Session<unknown>>();
  private offsetMs: number;
  /** Nothing gets on before that moment: the server is stopped, and its clients wait. */
  pausedUntil = 0;
  isDown = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private readonly pace: Pace,
    startMs: number,
    missing: Mutation | undefined,
    /** Sees each commit before its locks are given free. */
    private readonly onCommit: (tx: Transaction, result: unknown) => void,
  ) {
    this.offsetMs = startMs;
    this.tables = new Tables(() => this.nowMs(), missing);
  }

  /** The database's clock. */
  nowMs(): number {
    return this.offsetMs + Math.floor(this.scheduler.now / 1000);
  }

  jumpClock(ms: number): void {
    this.offsetMs += ms;
  }

  /** Runs a procedure in a transaction of its own. */
  start<Result>(
    call: CallInfo,
    fate: Fate,
    open: (tx: Transaction) => Procedure<Result>,
    done: (outcome: Outcome<Result>) => void,
  ): void {
    const tx = new Transaction(call);
    const session: Session<Result> = { tx, procedure: open(tx), fate, done, steps: 0 };
    this.sessions.set(tx, session as unknown as Session<unknown>);
    this.resume(session);
  }

  /** The server dies: what is not committed is undone. */
  crash(): void {
    this.isDown = true;
    for (const session of [...this.sessions.values()]) this.rollBack(session, 'unavailable');
  }

  /** The account is locked by somebody else at this moment. */
  isLocked(accountId: string): boolean {
    return this.tables.account.slots.get(accountId)?.holder !== undefined;
  }

  private resume<Result>(session: Session<Result>): void {
    const { tx, fate } = session;
    if (tx.isOver) return;
    if (this.scheduler.now < this.pausedUntil) {
      this.scheduler.at(this.pausedUntil + this.random.below(WAKE_US), () => this.resume(session));
      return;
    }
    for (;;) {
      let step: IteratorResult<Slot | undefined, Result>;
      try {
        step = session.procedure.next();
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        this.rollBack(session, 'broken');
        return;
      }
      if (step.done === true) {
        this.finish(session, step.value);
        return;
      }
      if (step.value !== undefined) {
        this.wait(session, step.value);
        return;
      }
      session.steps++;
      if (session.steps === fate.diesAfter) {
        this.rollBack(session, 'unavailable');
        return;
      }
      if (session.steps === fate.stallsAfter) {
        this.scheduler.after(fate.stallUs ?? 0, () => this.resume(session));
        return;
      }
      if (this.random.chance(this.pace.stepChance)) {
        this.scheduler.after(this.random.below(this.pace.stepUsMax), () => this.resume(session));
        return;
      }
    }
  }

  private wait<Result>(session: Session<Result>, slot: Slot): void {
    const { tx } = session;
    const circle = [`${tx.call.title} waits for ${slot.table} ${slot.key}`];
    for (let other = slot.holder; other?.waitingFor !== undefined; other = other.waitingFor.holder) {
      circle.push(`${other.call.title} waits for ${other.waitingFor.table} ${other.waitingFor.key}`);
      if (other.waitingFor.holder === tx) throw new Finding(`deadlock: ${circle.join('; ')}`);
    }
    tx.waitingFor = slot;
    slot.waiters ??= [];
    slot.waiters.push(tx);
    this.scheduler.after(LOCK_TIMEOUT_US, () => {
      if (tx.isOver || tx.waitingFor !== slot) return;
      this.rollBack(session, 'locked');
    });
  }

  private finish<Result>(session: Session<Result>, value: Result): void {
    const { tx, fate } = session;
    if (fate.isConflict === true) {
      this.rollBack(session, 'conflict');
    } else if (this.random.chance(this.pace.stepChance)) {
      this.scheduler.after(this.random.below(this.pace.stepUsMax), () => {
        if (!tx.isOver) this.commit(session, value);
      });
    } else {
      this.commit(session, value);
    }
  }

  private commit<Result>(session: Session<Result>, value: Result): void {
    const { tx } = session;
    tx.wasAbandoned = tx.call.isAbandoned;
    if (!tx.isRolledBack) {
      this.onCommit(tx, value);
      for (const slot of tx.written) this.apply(slot);
    }
    this.end(session);
    session.done({ value });
  }

  private apply(slot: Slot): void {
    const row = slot.draft ?? undefined;
    slot.row = row;
    slot.draft = undefined;
    if (slot.table === 'hold') {
      const hold = slot as Slot<HoldRow>;
      if (hold.row?.state === 'open') this.tables.openHolds.add(hold);
      else this.tables.openHolds.delete(hold);
    } else if (slot.table === 'idempotency' && row !== undefined) {
      this.tables.claimOfHold.set((row as ClaimRow).holdId, slot as Slot<ClaimRow>);
    }
  }

  private rollBack<Result>(session: Session<Result>, fault: LedgerStoreFault): void {
    this.end(session);
    session.done({ fault });
  }

  private end<Result>({ tx }: Session<Result>): void {
    tx.isOver = true;
    this.sessions.delete(tx);
    if (tx.waitingFor !== undefined) {
      const { waiters } = tx.waitingFor;
      waiters?.splice(waiters.indexOf(tx), 1);
      tx.waitingFor = undefined;
    }
    for (const slot of tx.locks) this.release(slot);
  }

  private release(slot: Slot): void {
    slot.draft = undefined;
    const next = slot.waiters?.shift();
    slot.holder = next;
    if (next === undefined) return;
    next.locks.push(slot);
    next.waitingFor = undefined;
    const session = this.sessions.get(next);
    if (session !== undefined) this.scheduler.after(this.random.below(WAKE_US), () => this.resume(session));
  }
}
