import { LedgerUnavailableError } from '../../src/quota/core/batch-lanes.js';
import type { LedgerCore } from '../../src/quota/core/ledger-core.js';
import {
  type Claim,
  LedgerStoreError,
  type Reservation,
  type ReserveResult,
  type Settlement,
} from '../../src/quota/core/ledger-store.js';
import type { UsageOutcome } from '../../src/quota/core/usage-event.js';
import type { Context } from './context.js';
import type { History, HoldHistory } from './history.js';
import type { VirtualInstance } from './virtual-instance.js';

/** A request that is relayed: what it reserves, how it goes on, what it costs in the end. */
export interface RequestPlan {
  readonly accountId: string;
  readonly keyId: string | null;
  readonly holdId: string;
  readonly isStream: boolean;
  readonly amount: bigint;
  readonly minimum: bigint;
  readonly claim?: Claim;
}

const THINK_MS_MAX = 400;
const STREAM_STEPS_MAX = 12;
const STREAM_STEPS_MS_MAX = [500, 3_000, 7_000];
const ROUNDS_MAX = 3;

/** Plays the part of `billing` for one request, on one instance, from the reservation to the settlement. */
export class RequestClient {
  private readonly history: HoldHistory;
  private readonly core: LedgerCore;
  private held = 0n;

  constructor(
    private readonly context: Context,
    private readonly instance: VirtualInstance,
    private readonly others: readonly VirtualInstance[],
    private readonly plan: RequestPlan,
    book: History,
  ) {
    this.core = instance.core;
    const { holdId, accountId, keyId, amount, minimum, claim, isStream } = plan;
    const reservation: Reservation = {
      holdId,
      accountId,
      keyId,
      kind: isStream ? 'stream' : 'sync',
      amount,
      minimum,
      priceVersionId: null,
      model: 'm',
      userIdentifier: '',
      claim,
    };
    this.history = book.open(reservation);
  }

  /** @returns what the reservation came to; undefined when there was no answer in time. */
  async run(): Promise<ReserveResult | undefined> {
    const { context, history } = this;
    try {
      history.reserved = await this.core.reserve(history.reservation);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) context.fail(`reserve ${this.plan.holdId}: ${reason(error)}`);
      return undefined;
    }
    if (history.reserved.status !== 'held') return history.reserved;
    this.held = history.reserved.amount;
    const { amount, minimum } = this.plan;
    if (this.held < minimum || this.held > amount) {
      context.fail(`reserve ${this.plan.holdId}: ${this.held} is not between ${minimum} and ${amount}`);
    }
    await (this.plan.isStream ? this.stream() : this.instance.sleep(context.random.below(THINK_MS_MAX)));
    await this.close();
    return history.reserved;
  }

  /** Delivers, notes how far, and asks for more when the hold is nearly used up. */
  private async stream(): Promise<void> {
    const { random } = this.context;
    const step = this.plan.amount / 4n + 1n;
    const stepMsMax = random.pick(STREAM_STEPS_MS_MAX);
    for (let steps = random.between(1, STREAM_STEPS_MAX); steps > 0; steps--) {
      await this.instance.sleep(random.below(stepMsMax));
      if (this.history.metered + step > this.held && !(await this.extend())) return;
      this.history.metered += step;
      this.core.meter(this.plan.holdId, this.history.metered);
    }
  }

  private async extend(): Promise<boolean> {
    const { holdId, accountId, amount } = this.plan;
    const from = this.held;
    try {
      const result = await this.core.extend({ holdId, accountId, from, extra: amount });
      if (result.status === 'unknown') this.context.fail(`extend ${holdId}: no such hold`);
      if (result.status !== 'extended') return false;
      if (result.amount <= from || result.amount > from + amount) {
        this.context.fail(`extend ${holdId}: ${result.amount} from ${from} by at most ${amount}`);
      }
      this.held = result.amount;
      return true;
    } catch (error) {
      if (!(error instanceof LedgerStoreError) || error.fault === 'broken') {
        this.context.fail(`extend ${holdId}: ${reason(error)}`);
      }
      return false;
    }
  }

  private async close(): Promise<void> {
    const { random } = this.context;
    const cost = this.cost();
    const isAnswered = this.plan.claim !== undefined && cost > 0n;
    // Somebody settles twice: the same again, something else, in this process or by another one.
    const rounds = random.chance(0.15) ? random.between(2, ROUNDS_MAX) : 1;
    const all: Promise<void>[] = [];
    for (let round = 0; round < rounds; round++) {
      const isSame = round === 0 || random.chance(0.5);
      const core = round === 0 || random.chance(0.5) ? this.core : random.pick(this.others).core;
      const attempt = cost === 0n && random.chance(0.5) ? 0 : isSame ? 1 : 2 * round + 1;
      all.push(this.settle(core, isSame ? cost : this.cost(), attempt, isAnswered));
    }
    await all[0];
  }

  private cost(): bigint {
    const { random } = this.context;
    const { metered } = this.history;
    if (this.plan.isStream) {
      // The upstream counts more than the hold, or less than was counted here.
      if (random.chance(0.1)) return this.held + metered + 1n;
      return random.chance(0.1) ? metered / 2n : metered;
    }
    const kind = random.below(10);
    if (kind < 2) return 0n;
    if (kind < 3) return this.held;
    if (kind < 4) return this.held + BigInt(random.below(Number(this.plan.amount) * 3));
    return BigInt(random.below(Number(this.held) + 1));
  }

  private async settle(core: LedgerCore, cost: bigint, attempt: number, isAnswered: boolean): Promise<void> {
    const { holdId, accountId, claim } = this.plan;
    const record: HoldHistory['settles'][number] = { cost };
    this.history.settles.push(record);
    const settlement: Settlement = {
      holdId,
      accountId,
      cost,
      events: this.events(cost, attempt),
      claim,
      answer: isAnswered ? { status: 200, headers: {}, body: '00' } : undefined,
    };
    try {
      record.result = await core.settle(settlement);
    } catch (error) {
      this.context.fail(`settle ${holdId}: ${reason(error)}`);
    }
  }

  private events(cost: bigint, attempt: number): Settlement['events'] {
    const { keyId, isStream } = this.plan;
    const outcome: UsageOutcome = cost === 0n ? 'failed' : 'done';
    const common = { keyId, model: 'm', endpoint: isStream ? 'stream' : 'sync', userIdentifier: '' };
    const failed = { ...common, attempt: attempt - 1, isFinal: false, outcome: 'failed' as const, cost: 0n };
    const final = { ...common, attempt, isFinal: true, outcome, cost };
    return attempt > 1 ? [failed, final] : [final];
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
