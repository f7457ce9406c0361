import {
  type ExtendResult,
  type Extension,
  type LedgerStore,
  LedgerStoreError,
  type LedgerStoreFault,
  type MeteredHold,
  type Reservation,
  type ReserveResult,
  type SettleCode,
  type Settlement,
  type SettleResult,
  type SweptHold,
} from '../../src/quota/core/ledger-store.js';
import type { Context } from './context.js';
import { extend } from './model/extend.js';
import { heartbeat, sweep } from './model/leases.js';
import type { Fate, Outcome } from './model/model-database.js';
import { type Posting, type PostResult, postMoney } from './model/post.js';
import { type RedeemResult, redeem } from './model/redeem.js';
import { byAccount, type Owner, reserve } from './model/reserve.js';
import { settle } from './model/settle.js';
import { settleSlow } from './model/settle-slow.js';
import type { CallInfo, Procedure, Transaction } from './model/transaction.js';
import type { ReplayCall } from './replay-call.js';
import type { VirtualInstance } from './virtual-instance.js';

const QUERY_TIMEOUT_US = 4_000_000;
const DELAYED_US_MAX = 20_000_000;
const STALL_US_MAX = 2_500_000;
const SLOW_US_MAX = 3_000_000;
const STATEMENTS_MAX = 12;

/** The way from one instance to the database and back, on which calls and answers are lost and delayed. */
export class ModelStore implements LedgerStore {
  private readonly owner: Owner;
  /** Ends the wait of each call that is under way. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly context: Context,
    private readonly instance: VirtualInstance,
  ) {
    this.owner = { name: instance.name, epoch: instance.epoch, leaseMs: context.leaseMs };
  }

  async reserve(batch: readonly Reservation[], isRetry: boolean): Promise<readonly ReserveResult[]> {
    const order = byAccount(batch);
    const items = order.map((index) => batch[index] as Reservation);
    const sorted = await this.call<readonly ReserveResult[]>(
      { kind: 'reserve', batch: items, isRetry, ...this.owner },
      (tx) => reserve(this.tables, tx, items, isRetry, this.owner),
    );
    const results = new Array<ReserveResult>(batch.length);
    for (const { holdId } of items) this.context.seeReserved(holdId);
    for (const [place, index] of order.entries()) results[index] = sorted[place] as ReserveResult;
    return results;
  }

  extend(extension: Extension): Promise<ExtendResult> {
    return this.call({ kind: 'extend', extension }, (tx) => extend(this.tables, tx, extension));
  }

  settle(batch: readonly Settlement[]): Promise<readonly SettleCode[]> {
    for (const settlement of batch) this.context.seeSettlement(settlement);
    return this.call<readonly SettleCode[]>({ kind: 'settle', batch }, (tx) => settle(this.tables, tx, batch));
  }

  settleSlow(settlement: Settlement): Promise<SettleResult> {
    return this.call({ kind: 'settleSlow', settlement }, (tx) => settleSlow(this.tables, tx, settlement));
  }

  heartbeat(holds: readonly MeteredHold[]): Promise<readonly string[]> {
    this.context.seeHeartbeat(holds);
    return this.call<readonly string[]>({ kind: 'heartbeat', holds, ...this.owner }, (tx) =>
      heartbeat(this.tables, tx, holds, this.owner),
    );
  }

  sweep(limit: number): Promise<readonly SweptHold[]> {
    return this.call<readonly SweptHold[]>({ kind: 'sweep', limit }, (tx) => sweep(this.tables, tx, limit));
  }

  post(posting: Posting): Promise<PostResult> {
    return this.call({ kind: 'post', posting }, (tx) => postMoney(this.tables, tx, posting));
  }

  redeem(accountId: string, codeId: string): Promise<RedeemResult> {
    return this.call({ kind: 'redeem', accountId, codeId }, (tx) => redeem(this.tables, tx, accountId, codeId));
  }

  findLocked(accountIds: readonly string[]): Promise<readonly string[]> {
    const { database } = this.context;
    const open = function* (): Procedure<readonly string[]> {
      yield;
      return accountIds.filter((id) => database.isLocked(id));
    };
    return this.call(undefined, open);
  }

  /** The server says nothing any more: what waits for it gives up after the timeout. */
  timeOut(): void {
    for (const giveUp of this.waiting) giveUp();
  }

  private get tables() {
    return this.context.database.tables;
  }

  /** One call: there, one transaction, and back. */
  private call<Result>(replay: ReplayCall | undefined, open: (tx: Transaction) => Procedure<Result>): Promise<Result> {
    const { context, instance } = this;
    const { scheduler, random, database, rates, trace } = context;
    const title = `${instance.name}/${instance.epoch} ${replay?.kind ?? 'findLocked'}`;
    const call: CallInfo = { title, isAbandoned: false, replay };
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const fail = (fault: LedgerStoreFault, delayUs: number) => {
        instance.after(delayUs, () => {
          if (isAnswered) return;
          isAnswered = true;
          this.waiting.delete(giveUp);
          call.isAbandoned = fault === 'unavailable';
          trace?.(`${title} answers: ${fault}`);
          reject(new LedgerStoreError(fault, undefined));
        });
      };
      const answer = (outcome: Outcome<Result>, delayUs: number) => {
        if (outcome.fault !== undefined) return fail(outcome.fault, delayUs);
        const dueAt = scheduler.now + delayUs;
        instance.after(delayUs, () => {
          // Whoever wakes up after the timeout finds both the answer and the timer that is over.
          const isLate = scheduler.now - dueAt > QUERY_TIMEOUT_US && random.chance(0.5);
          if (isLate) return fail('unavailable', 0);
          if (isAnswered) return;
          isAnswered = true;
          this.waiting.delete(giveUp);
          trace?.(`${title} answers: ${describe(outcome.value)}`);
          resolve(outcome.value);
        });
      };
      const giveUp = () => fail('unavailable', QUERY_TIMEOUT_US);
      this.waiting.add(giveUp);
      const wayUs = () => random.below(context.latencyUsMax);
      if (random.chance(rates.refused)) return fail('unavailable', wayUs());
      let sendUs = wayUs();
      if (random.chance(rates.delayed)) {
        fail('unavailable', QUERY_TIMEOUT_US);
        sendUs = QUERY_TIMEOUT_US + random.below(DELAYED_US_MAX);
      } else if (scheduler.now < database.pausedUntil) giveUp();
      const isUnanswered = random.chance(rates.unanswered);
      const isSlow = random.chance(rates.slow);
      const fate = this.fate();
      scheduler.after(sendUs, () => {
        if (database.isDown) return fail('unavailable', wayUs());
        trace?.(`${title} begins: ${describe(replay)}`);
        database.start(call, fate, open, (outcome) => {
          trace?.(`${title} ends: ${outcome.fault ?? 'committed'}`);
          if (isUnanswered && outcome.fault === undefined) return fail('unavailable', wayUs());
          answer(outcome, isSlow ? random.below(SLOW_US_MAX) : wayUs());
        });
      });
    });
  }

  private fate(): Fate {
    const { random, rates } = this.context;
    if (random.chance(rates.dies)) return { diesAfter: random.between(1, STATEMENTS_MAX) };
    if (random.chance(rates.stalls)) {
      return { stallsAfter: random.between(1, STATEMENTS_MAX), stallUs: random.below(STALL_US_MAX) };
    }
    return { isConflict: random.chance(rates.conflict) };
  }
}

/** For people who read a trace. */
export function describe(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
  return text === undefined ? 'nothing' : text.replaceAll('"', '');
}
