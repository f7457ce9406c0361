import { AttentiveClock } from '../../common/attentive-clock.js';
import type { LedgerClock } from './ledger-clock.js';
import { LedgerStoreError } from './ledger-store.js';

/** What {@link BatchLanes} is made of. */
export interface BatchLanesOptions<Item, Result> {
  readonly clock: LedgerClock;
  readonly accountOf: (item: Item) => string;
  /** Runs one batch; results in the order of the items. @throws LedgerStoreError */
  readonly run: (items: readonly Item[], isRetry: boolean) => Promise<readonly Result[]>;
  /** Which of these accounts somebody else keeps locked at this moment. @throws LedgerStoreError */
  readonly findLocked: (accountIds: readonly string[]) => Promise<readonly string[]>;
  /** Most items that wait; more are refused at once. */
  readonly waitingMax: number;
  /** Told of each item that was carried out and whose caller waits for it, just before that caller. */
  readonly onResult?: (item: Item, result: Result) => void;
  /** How long an item may wait before its caller is told that there is no answer; undefined: until it is carried out. */
  readonly patienceMs?: number;
  /** The caller of this item has been told that there is no answer, but it was carried out all the same. */
  readonly onTooLate?: (item: Item, result: Result) => void;
}

/** The store gave no answer in time, or too much is waiting for it. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
}

const BATCH_MAX = 256;
/** A batch without an answer may have been too large for the time that the store has: it is halved, down to this. */
const BATCH_RETRY_MIN = 16;
const LANE_MS = 1000;
const SIDE_LANES_MAX = 2;
const CONFLICTS_MAX = 10;
const BACKOFF_MS = 20;
const BACKOFF_MS_MAX = 1000;
const WATCH_MS = 100;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  /** When its caller is told that there is no answer. */
  readonly deadline: number;
  isOver: boolean;
  isGivenUp: boolean;
  /** An earlier call with it may have been carried out. */
  isRetry: boolean;
  conflicts: number;
}

interface Lane<Item, Result> {
  /** Whose lane it is; undefined: the main one. */
  readonly account: string | undefined;
  waiting: Waiting<Item, Result>[];
  isBusy: boolean;
  backoffMs: number;
  /** Most items of the next batch. */
  batchMax: number;
}

/**
 * Natural batching: one batch is on its way at a time, and what arrives meanwhile is the next one. A batch that fails is cut
 * in two, so that one bad item does not fail its neighbours; items of an account whose row is locked get a lane of their own
 * for a second, so that others do not wait with them; a call without an answer is repeated with the same ids.
 *
 * It never gives up on an item that may have been carried out: its fate is found out even when its caller has gone.
 */
export class BatchLanes<Item, Result> {
  private readonly main = newLane<Item, Result>(undefined);
  private readonly side = new Map<string, Lane<Item, Result>>();
  /** Until when items of an account stay out of the main lane. */
  private readonly lockedUntil = new Map<string, number>();
  /** All wait equally long, so they come due in the order of their arrival. */
  private readonly due: Waiting<Item, Result>[] = [];
  /** What those deadlines go by. */
  private readonly patience: AttentiveClock;
  private isWatching = false;
  private sideBusy = 0;
  private waitingCount = 0;

  constructor(private readonly options: BatchLanesOptions<Item, Result>) {
    this.patience = new AttentiveClock(WATCH_MS, () => options.clock.now());
  }

  /** Number of items that are not carried out yet. */
  get size(): number {
    return this.waitingCount;
  }

  /**
   * Carries out one item, together with others.
   * @throws LedgerUnavailableError when too much waits, or there is no answer in time; LedgerStoreError `broken` when the
   * store refuses the item itself.
   */
  add(item: Item): Promise<Result> {
    const { waitingMax, patienceMs } = this.options;
    if (this.waitingCount >= waitingMax) {
      return Promise.reject(new LedgerUnavailableError('Too many requests wait for the ledger.'));
    }
    const deadline = patienceMs === undefined ? Number.POSITIVE_INFINITY : this.patience.now() + patienceMs;
    return new Promise((resolve, reject) => {
      const entry: Waiting<Item, Result> = {
        item,
        resolve,
        reject,
        deadline,
        isOver: false,
        isGivenUp: false,
        isRetry: false,
        conflicts: 0,
      };
      this.waitingCount++;
      if (patienceMs !== undefined) {
        this.due.push(entry);
        this.watch();
      }
      this.enqueue(entry);
    });
  }

  private enqueue(entry: Waiting<Item, Result>): void {
    const account = this.options.accountOf(entry.item);
    const lane = this.isLocked(account) ? this.sideLane(account) : this.main;
    lane.waiting.push(entry);
    if (lane.waiting.length === 1 && !lane.isBusy) this.options.clock.schedule(0, () => this.start(lane));
  }

  private isLocked(account: string): boolean {
    if (this.lockedUntil.size === 0) return false;
    const until = this.lockedUntil.get(account);
    if (until === undefined) return false;
    if (this.options.clock.now() < until) return true;
    this.lockedUntil.delete(account);
    return false;
  }

  private sideLane(account: string): Lane<Item, Result> {
    let lane = this.side.get(account);
    if (lane === undefined) {
      lane = newLane<Item, Result>(account);
      this.side.set(account, lane);
    }
    return lane;
  }

  private start(lane: Lane<Item, Result>): void {
    if (lane.isBusy || lane.waiting.length === 0) return;
    const isSide = lane !== this.main;
    if (isSide && this.sideBusy >= SIDE_LANES_MAX) return;
    this.dropUnwanted(lane);
    const batch = lane.waiting.splice(0, lane.batchMax);
    if (batch.length === 0) return;
    lane.isBusy = true;
    if (isSide) this.sideBusy++;
    void this.carryOut(batch, lane).then(() => {
      lane.isBusy = false;
      if (isSide) this.sideBusy--;
      this.startNext(lane);
    });
  }

  /** What nobody waits for any more and was never sent is not sent at all. */
  private dropUnwanted(lane: Lane<Item, Result>): void {
    const isUnwanted = (entry: Waiting<Item, Result>): boolean => entry.isGivenUp && !entry.isRetry;
    if (!lane.waiting.some(isUnwanted)) return;
    for (const entry of lane.waiting) if (isUnwanted(entry)) this.end(entry);
    lane.waiting = lane.waiting.filter((entry) => !isUnwanted(entry));
  }

  private startNext(lane: Lane<Item, Result>): void {
    if (lane.account === undefined) {
      this.start(lane);
    } else {
      // To the back of the line, or two accounts that stay locked would keep out a third.
      this.side.delete(lane.account);
      this.side.set(lane.account, lane);
    }
    for (const [account, side] of this.side) {
      if (side.waiting.length > 0) this.start(side);
      else if (!side.isBusy) this.side.delete(account);
    }
  }

  /** Runs entries until each is answered, put back into line, or refused. Never throws. */
  private async carryOut(batch: readonly Waiting<Item, Result>[], lane: Lane<Item, Result>): Promise<void> {
    if (batch.length === 0) return;
    const isRetry = batch.some((entry) => entry.isRetry);
    let results: readonly Result[];
    try {
      results = await this.options.run(
        batch.map((entry) => entry.item),
        isRetry,
      );
    } catch (error) {
      await this.takeFault(batch, lane, error);
      return;
    }
    lane.backoffMs = BACKOFF_MS;
    if (!isRetry) lane.batchMax = Math.min(2 * lane.batchMax, BATCH_MAX);
    for (let index = 0; index < batch.length; index++) {
      this.answer(batch[index] as Waiting<Item, Result>, results[index] as Result);
    }
  }

  private async takeFault(
    batch: readonly Waiting<Item, Result>[],
    lane: Lane<Item, Result>,
    error: unknown,
  ): Promise<void> {
    const fault = error instanceof LedgerStoreError ? error.fault : 'broken';
    const [first, second] = batch;
    if (fault === 'unavailable') {
      for (const entry of batch) entry.isRetry = true;
      lane.batchMax = Math.max(batch.length >> 1, BATCH_RETRY_MIN);
      lane.waiting.unshift(...batch);
      await this.pause(lane);
    } else if (fault === 'locked') {
      await this.stepAside(batch, lane);
    } else if (second !== undefined) {
      const middle = batch.length >> 1;
      await this.carryOut(batch.slice(0, middle), lane);
      await this.carryOut(batch.slice(middle), lane);
    } else if (first !== undefined) {
      if (fault === 'conflict' && ++first.conflicts <= CONFLICTS_MAX) await this.carryOut(batch, lane);
      else {
        this.end(first);
        first.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** Moves the items of locked accounts into lanes of their own and puts the others back to the front of the line. */
  private async stepAside(batch: readonly Waiting<Item, Result>[], lane: Lane<Item, Result>): Promise<void> {
    const { accountOf, clock, findLocked } = this.options;
    const accounts = [...new Set(batch.map((entry) => accountOf(entry.item)))];
    const locked = new Set(accounts.length === 1 ? accounts : await findLocked(accounts).catch(() => []));
    for (const account of locked) this.lockedUntil.set(account, clock.now() + LANE_MS);
    const free: Waiting<Item, Result>[] = [];
    for (const entry of batch) {
      const account = accountOf(entry.item);
      (locked.has(account) ? this.sideLane(account).waiting : free).push(entry);
    }
    lane.waiting.unshift(...free);
    if (lane !== this.main || free.length === batch.length) await this.pause(lane);
  }

  private answer(entry: Waiting<Item, Result>, result: Result): void {
    this.end(entry);
    if (entry.isGivenUp) {
      this.options.onTooLate?.(entry.item, result);
      return;
    }
    this.options.onResult?.(entry.item, result);
    entry.resolve(result);
  }

  private end(entry: Waiting<Item, Result>): void {
    entry.isOver = true;
    this.waitingCount--;
  }

  private pause(lane: Lane<Item, Result>): Promise<void> {
    const { backoffMs } = lane;
    lane.backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX);
    return new Promise((resolve) => {
      this.options.clock.schedule(backoffMs, resolve);
    });
  }

  /** One timer for all deadlines rather than one per item. */
  private watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    this.patience.tick();
    this.options.clock.schedule(WATCH_MS, () => {
      this.isWatching = false;
      this.giveUpOverdue();
      if (this.due.length > 0) this.watch();
    });
  }

  private giveUpOverdue(): void {
    const now = this.patience.tick();
    let count = 0;
    for (const entry of this.due) {
      if (!entry.isOver && entry.deadline > now) break;
      count++;
      if (entry.isOver) continue;
      entry.isGivenUp = true;
      entry.reject(new LedgerUnavailableError('The ledger did not answer in time.'));
    }
    this.due.splice(0, count);
  }
}

function newLane<Item, Result>(account: string | undefined): Lane<Item, Result> {
  return { account, waiting: [], isBusy: false, backoffMs: BACKOFF_MS, batchMax: BATCH_MAX };
}
