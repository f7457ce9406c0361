import type { NanoCredits } from '../../common/money.js';
import { BatchLanes } from './batch-lanes.js';
import type { LedgerClock } from './ledger-clock.js';
import {
  type ExtendResult,
  type Extension,
  type LedgerStore,
  LedgerStoreError,
  type MeteredHold,
  type Reservation,
  type ReserveResult,
  type SettleCode,
  type Settlement,
  type SettleResult,
  type SweptHold,
} from './ledger-store.js';

/** What {@link LedgerCore} is made of. */
export interface LedgerCoreOptions {
  readonly store: LedgerStore;
  readonly clock: LedgerClock;
  /** How long a reservation may take before its request is answered 503. */
  readonly reservePatienceMs: number;
  /** Which of these accounts are locked by somebody else. */
  readonly findLocked: (accountIds: readonly string[]) => Promise<readonly string[]>;
  /** Most requests that wait for a reservation. */
  readonly waitingMax: number;
  /** Told when an account could not pay all that a request cost. */
  readonly onLoss?: (settlement: Settlement, lost: NanoCredits) => void;
  /** Told of each batch that goes to the store. */
  readonly onBatch?: (kind: 'reserve' | 'settle', size: number) => void;
  /** Makes the usage event of a hold that was made for a request that had given up. */
  readonly toReleaseEvents: (reservation: Reservation) => Settlement['events'];
}

const HEARTBEAT_MAX = 1000;
const EXTEND_TRIES_MAX = 5;
const EXTEND_BACKOFF_MS = 30;
const SLOW_BACKOFF_MS = 50;
const SLOW_BACKOFF_MS_MAX = 1000;
const SWEEP_MAX = 500;

/**
 * The ledger's part that lives in a process: batches, lanes, repeated calls, the list of open holds and their heartbeat. It has
 * no clock, no randomness and no database of its own, so that the simulation drives this very class.
 */
export class LedgerCore {
  private readonly reserving: BatchLanes<Reservation, ReserveResult>;
  private readonly settling: BatchLanes<Settlement, SettleCode>;
  /** Holds of requests in flight, and how far each is metered. */
  private readonly open = new Map<string, NanoCredits>();
  /** Settlements under way, by hold. */
  private readonly closing = new Map<string, Promise<SettleResult>>();

  constructor(private readonly options: LedgerCoreOptions) {
    const { store, clock, findLocked } = options;
    this.reserving = new BatchLanes<Reservation, ReserveResult>({
      clock,
      findLocked,
      accountOf: (reservation) => reservation.accountId,
      run: (items, isRetry) => {
        options.onBatch?.('reserve', items.length);
        return store.reserve(items, isRetry);
      },
      waitingMax: options.waitingMax,
      patienceMs: options.reservePatienceMs,
      onResult: ({ holdId }, { status }) => {
        if (status === 'held') this.open.set(holdId, 0n);
      },
      onTooLate: (reservation, result) => this.giveBack(reservation, result),
    });
    this.settling = new BatchLanes<Settlement, SettleCode>({
      clock,
      findLocked,
      accountOf: (settlement) => settlement.accountId,
      run: (items) => {
        options.onBatch?.('settle', items.length);
        return store.settle(items);
      },
      waitingMax: Number.POSITIVE_INFINITY,
    });
  }

  /** Number of holds this process has open. */
  get openCount(): number {
    return this.open.size;
  }

  /** Number of reservations that wait for the store. */
  get reservingCount(): number {
    return this.reserving.size;
  }

  /** Number of holds whose settlement is not durable yet. */
  get settlingCount(): number {
    return this.closing.size;
  }

  /**
   * Sets money aside; durable when it resolves.
   * @throws LedgerUnavailableError when the store does not answer in time.
   */
  reserve(reservation: Reservation): Promise<ReserveResult> {
    return this.reserving.add(reservation);
  }

  /**
   * Makes an open hold larger.
   * @throws LedgerStoreError when the store does not answer after some tries.
   */
  async extend(extension: Extension): Promise<ExtendResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.options.store.extend(extension);
      } catch (error) {
        const isFinal = !(error instanceof LedgerStoreError) || error.fault === 'broken';
        if (isFinal || tries === EXTEND_TRIES_MAX) throw error;
      }
      await this.sleep(EXTEND_BACKOFF_MS * 2 ** tries);
    }
  }

  /** Notes how much of a hold is used up. The next heartbeat writes it down, and after a crash that is what is charged. */
  meter(holdId: string, metered: NanoCredits): void {
    const before = this.open.get(holdId);
    if (before !== undefined && metered > before) this.open.set(holdId, metered);
  }

  /**
   * Closes a hold at its cost; durable when it resolves. It goes on until the store has answered, however long that takes.
   * @throws LedgerStoreError `broken` only.
   */
  async settle(settlement: Settlement): Promise<SettleResult> {
    const { holdId } = settlement;
    // One after the other: two settlements of one hold in one batch would both be told that theirs is what it cost.
    for (let other = this.closing.get(holdId); other !== undefined; other = this.closing.get(holdId)) {
      await other.catch(() => undefined);
    }
    const closing = this.close(settlement);
    this.closing.set(holdId, closing);
    try {
      return await closing;
    } finally {
      this.closing.delete(holdId);
      this.open.delete(holdId);
    }
  }

  /**
   * Extends the leases of all open holds and writes down what is metered. Call it every few seconds, one at a time.
   * @throws LedgerStoreError; the next heartbeat makes up for it.
   */
  async beat(): Promise<void> {
    const holds = [...this.open].map(([holdId, metered]) => ({ holdId, metered }));
    for (let start = 0; start === 0 || start < holds.length; start += HEARTBEAT_MAX) {
      await this.beatSome(holds.slice(start, start + HEARTBEAT_MAX));
    }
  }

  /**
   * Closes holds whose owners went silent.
   * @throws LedgerStoreError; the next sweep makes up for it.
   */
  async sweep(): Promise<readonly SweptHold[]> {
    return await this.options.store.sweep(SWEEP_MAX);
  }

  private async close(settlement: Settlement): Promise<SettleResult> {
    const code = await this.settling.add(settlement);
    if (code === 'slow') return await this.settleSlow({ ...settlement, events: besideSwept(settlement.events) });
    if (code === 'closed') return { status: 'closed', charged: settlement.cost, lost: 0n };
    return { status: code, charged: 0n, lost: 0n };
  }

  private async beatSome(holds: readonly MeteredHold[]): Promise<void> {
    const closed = await this.options.store.heartbeat(holds);
    // Their requests go on, and settle late; a lease is no use to them any more.
    for (const holdId of closed) this.open.delete(holdId);
  }

  private async settleSlow(settlement: Settlement): Promise<SettleResult> {
    for (let backoffMs = SLOW_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, SLOW_BACKOFF_MS_MAX)) {
      try {
        const result = await this.options.store.settleSlow(settlement);
        if (result.lost > 0n) this.options.onLoss?.(settlement, result.lost);
        return result;
      } catch (error) {
        if (!(error instanceof LedgerStoreError) || error.fault === 'broken') throw error;
      }
      await this.sleep(backoffMs);
    }
  }

  /** A hold was made although its request has been refused by now. */
  private giveBack(reservation: Reservation, result: ReserveResult): void {
    if (result.status !== 'held') return;
    const events = this.options.toReleaseEvents(reservation);
    const { holdId, accountId, claim } = reservation;
    // If even this fails, the sweeper does the same a minute later.
    this.settle({ holdId, accountId, cost: 0n, events, claim }).catch(() => undefined);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.clock.schedule(ms, resolve);
    });
  }
}

/** The sweeper has written an event 0 of its own: that of a request which never reached an upstream becomes the first. */
function besideSwept(events: Settlement['events']): Settlement['events'] {
  return events.map((event) => ({ ...event, attempt: Math.max(event.attempt, 1) }));
}
