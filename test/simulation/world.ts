import type { MeteredHold } from '../../src/quota/core/ledger-store.js';
import { RequestClient, type RequestPlan } from './clients.js';
import type { Context } from './context.js';
import { drawRates, Faults, NO_FAULTS } from './faults.js';
import { Finding } from './finding.js';
import { History } from './history.js';
import { checkInvariants } from './invariants.js';
import { ModelDatabase } from './model/model-database.js';
import { setStatus } from './model/post.js';
import type { HoldRow, Slot } from './model/rows.js';
import type { Transaction } from './model/transaction.js';
import { postUntilAnswered, redeemUntilAnswered } from './money-clients.js';
import type { Mutation } from './mutations.js';
import { type Population, populate } from './populate.js';
import { Random } from './random.js';
import type { CommittedCall } from './replay-call.js';
import { RunningChecks } from './running-checks.js';
import { Scheduler } from './scheduler.js';
import { VirtualInstance } from './virtual-instance.js';

export interface WorldOptions {
  readonly missing?: Mutation;
  readonly trace?: (line: string) => void;
  /** Where committed calls go, in their order, for the replay. */
  readonly record?: (call: CommittedCall) => void;
  /** Makes ids differ between runs that share one real database. */
  readonly idOffset?: number;
}

const INSTANCES = 3;
const BEAT_MS = 5_000;
const SWEEP_MS = 10_000;
const START_MS = Date.UTC(2026, 10, 26);
const DAY_MS = 86_400_000;
const SECOND_US = 1_000_000;
/** Until an instance that stood still has woken up, a stream has ended, and a call that was on its way has arrived. */
const HEALING_US = 240 * SECOND_US;
/** How often a client sends a request again. */
const TRIES_MAX = 3;
/** A hold may be this much past its lease before somebody must have swept it. */
const SWEEP_LATE_MS_MAX = 30_000;

/** One simulated world: instances, accounts, clients, faults. Everything in it follows from the seed. */
export class World {
  readonly context: Context;
  readonly instances: VirtualInstance[] = [];
  readonly population: Population;
  private readonly history = new History();
  private readonly checks = new RunningChecks();
  private readonly faults: Faults;
  private readonly isLive: boolean;
  private readonly sweepers: number;
  private readonly waitingMax: number;
  private readonly faultsEndAt: number;
  private readonly clientsEndAt: number;
  private clientsLeft: number;
  private epoch = 1;
  private found: Finding | undefined;

  constructor(
    seed: number,
    private readonly options: WorldOptions = {},
  ) {
    const random = new Random(seed);
    const scheduler = new Scheduler();
    const leaseMs = random.pick([20_000, 30_000, 60_000]);
    const pace = { stepChance: random.pick([0.2, 0.5, 0.8]), stepUsMax: random.pick([300, 2_000, 20_000]) };
    const startMs = START_MS + random.below(DAY_MS);
    this.isLive = random.chance(0.5);
    this.context = {
      scheduler,
      random,
      database: new ModelDatabase(scheduler, random, pace, startMs, options.missing, (tx, result) =>
        this.seeCommit(tx, result),
      ),
      rates: drawRates({ random }),
      missing: options.missing,
      leaseMs,
      latencyUsMax: random.pick([500, 3_000, 30_000]),
      isDirty: false,
      databaseDisturbedAt: 0,
      accountDisturbedAt: new Map(),
      trace:
        options.trace && ((line) => options.trace?.(`${(scheduler.now / 1000).toFixed(3).padStart(11)} ms ${line}`)),
      seeHeartbeat: (holds) => this.seeHeartbeat(holds),
      seeSettlement: ({ holdId }) => {
        const history = this.history.holds.get(holdId);
        if (history !== undefined) history.isClosing = true;
      },
      seeReserved: (holdId) => {
        const history = this.history.holds.get(holdId);
        if (history !== undefined) history.answeredAt = scheduler.now;
      },
      fail: (message) => {
        this.found ??= new Finding(message);
      },
    };
    this.sweepers = random.between(1, INSTANCES);
    this.waitingMax = random.chance(0.1) ? 4 : 20_000;
    this.clientsLeft = random.between(30, 80);
    this.clientsEndAt = random.between(10, 40) * SECOND_US;
    this.faultsEndAt = random.between(10, 70) * SECOND_US;
    this.population = populate(this.context, options.idOffset ?? 0);
    this.faults = new Faults(this.context, this);
  }

  get accountIds(): readonly string[] {
    return this.population.accountIds;
  }

  /** Plays it to the end. @throws Finding */
  async run(): Promise<void> {
    const { scheduler, database } = this.context;
    for (const row of database.tables.account.rows()) this.checks.begin(row);
    for (let place = 0; place < INSTANCES; place++) this.startInstance(place);
    this.arrive();
    if (!this.context.random.chance(0.1)) this.faults.begin();
    else Object.assign(this.context.rates, NO_FAULTS);
    const endAt = this.faultsEndAt + (this.isLive ? this.context.leaseMs * 1000 + HEALING_US : 0);
    if (this.isLive) scheduler.at(this.faultsEndAt, () => this.heal());
    while (scheduler.now < endAt) {
      const run = scheduler.take();
      if (run === undefined) break;
      run();
      if (this.context.isDirty) {
        this.context.isDirty = false;
        await settledPromises();
        if (this.found !== undefined) throw this.found;
        if (this.isLive && this.isQuiet()) break;
      }
    }
    if (this.isLive) this.checkLiveness();
    checkInvariants(database.tables);
    this.history.check(database.tables);
  }

  kill(place: number): void {
    const instance = this.instances[place] as VirtualInstance;
    instance.isKilled = true;
  }

  /** Starts an instance again under its name, with the next epoch. */
  restart(place: number): void {
    if (this.instances[place]?.isKilled === true) this.startInstance(place);
  }

  restartAll(): void {
    for (const place of this.instances.keys()) this.restart(place);
  }

  private startInstance(place: number): void {
    const instance = new VirtualInstance(this.context, `hub-${place}`, this.epoch++, this.waitingMax);
    this.instances[place] = instance;
    instance.repeat(BEAT_MS, () => instance.core.beat());
    if (place < this.sweepers) instance.repeat(SWEEP_MS, () => instance.core.sweep());
  }

  /** Clients come one by one, sometimes many at once. */
  private arrive(): void {
    const { random, scheduler } = this.context;
    if (this.clientsLeft === 0 || scheduler.now > this.clientsEndAt) return;
    for (let count = random.chance(0.2) ? random.between(2, 12) : 1; count > 0 && this.clientsLeft > 0; count--) {
      this.clientsLeft--;
      const instance = random.pick(this.instances);
      if (instance.isKilled) continue;
      instance.after(random.below(2_000), () => {
        instance.busyClients++;
        this.startClient(instance).then(
          () => {
            instance.busyClients--;
          },
          (error: unknown) => this.context.fail(`a client failed: ${String(error)}`),
        );
      });
    }
    scheduler.after(random.below(random.chance(0.5) ? 100_000 : 1_500_000), () => this.arrive());
  }

  private startClient(instance: VirtualInstance): Promise<void> {
    const { context, history, population } = this;
    const { random } = context;
    const kind = random.below(20);
    if (kind === 0) return postUntilAnswered(context, instance, population.drawPosting(), history);
    if (kind === 1) {
      const accountId = random.pick(this.accountIds);
      return redeemUntilAnswered(context, instance, accountId, random.pick(population.codeIds), history);
    }
    if (kind === 2 && random.chance(0.3)) {
      this.freezeAccount();
      return Promise.resolve();
    }
    return this.request(instance, population.drawRequest());
  }

  /** A request, and its repetitions when its Idempotency-Key was in use or nobody answered. */
  private async request(instance: VirtualInstance, plan: RequestPlan): Promise<void> {
    const { context, history, population } = this;
    const { random } = context;
    let again = plan;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const reserved = await new RequestClient(context, instance, this.instances, again, history).run();
      const isRepeated = reserved === undefined || (reserved.status === 'refused' && reserved.reason === 'claim_taken');
      if (plan.claim === undefined || !isRepeated) return;
      await instance.sleep(random.below(3_000));
      again = { ...plan, holdId: population.drawRequest().holdId };
    }
  }

  /** An administrator changes the status of an account, not always for long. */
  private freezeAccount(): void {
    const { database, random, scheduler } = this.context;
    const accountId = random.pick(this.accountIds);
    for (const [status, us] of [
      ['frozen', 0],
      ['active', random.below(5 * SECOND_US)],
    ] as const) {
      scheduler.after(us, () => {
        if (database.isDown) return;
        const replay = { kind: 'setStatus', accountId, status } as const;
        const open = (tx: Transaction) => setStatus(database.tables, tx, accountId, status);
        database.start({ title: `administrator ${status}`, isAbandoned: false, replay }, {}, open, () => undefined);
      });
    }
  }

  private seeCommit(tx: Transaction, result: unknown): void {
    const { context, options } = this;
    const { replay } = tx.call;
    this.checks.commit(tx);
    if (replay?.kind === 'reserve' && tx.wasAbandoned) {
      for (const { holdId } of replay.batch) {
        const history = this.history.holds.get(holdId);
        if (history !== undefined) history.isOrphan = true;
      }
    }
    if (replay?.kind === 'sweep') {
      for (const slot of tx.written) if (slot.table === 'hold') this.checkSwept(slot as Slot<HoldRow>, tx);
    }
    if (replay === undefined) return;
    const touched = new Set(tx.touched);
    if (replay.kind === 'heartbeat') {
      for (const { holdId } of replay.holds) {
        const history = this.history.holds.get(holdId);
        if (history !== undefined && !touched.has(holdId)) history.skippedAt = context.scheduler.now;
      }
    }
    if (options.record === undefined) return;
    const call =
      replay.kind === 'heartbeat'
        ? { ...replay, holds: replay.holds.filter((hold) => touched.has(hold.holdId)) }
        : replay;
    options.record({ call, at: tx.at, result });
    context.trace?.(`committed ${replay.kind}`);
  }

  /** The sweeper takes only what has outlived its lease, and nothing whose owner lives and could say so. */
  private checkSwept({ row, key }: Slot<HoldRow>, tx: Transaction): void {
    const { context } = this;
    if (row === undefined) return;
    if (row.leaseUntil >= tx.at) throw new Finding(`hold ${key} was swept before the end of its lease`);
    const owner = this.instances.find(
      ({ name, epoch, isKilled }) => name === row.owner && epoch === row.epoch && !isKilled,
    );
    const history = this.history.holds.get(key);
    if (owner === undefined || history === undefined || history.isOrphan) return;
    const account = context.accountDisturbedAt.get(row.accountId) ?? 0;
    let disturbedAt = Math.max(owner.disturbedAt, context.databaseDisturbedAt, account, history.skippedAt);
    if (history.reserved === undefined) {
      // Its client has gone: the core finds out what became of it, and then gives it back.
      if (history.isClosing || history.answeredAt === undefined) return;
      disturbedAt = Math.max(disturbedAt, history.answeredAt);
    }
    if (context.scheduler.now - disturbedAt > context.leaseMs * 1000) {
      throw new Finding(`hold ${key} was swept although ${owner.name} is alive`);
    }
  }

  private seeHeartbeat(holds: readonly MeteredHold[]): void {
    for (const { holdId, metered } of holds) {
      const wanted = this.history.holds.get(holdId)?.metered;
      if (metered !== wanted)
        this.context.fail(`hold ${holdId} is metered ${wanted}, and the heartbeat says ${metered}`);
    }
  }

  private heal(): void {
    this.context.trace?.('the faults stop');
    this.clientsLeft = 0;
    this.faults.end();
    // Where only some swept, their last ones may have been killed: the living do it now.
    for (const [place, instance] of this.instances.entries()) {
      if (place >= this.sweepers) instance.repeat(SWEEP_MS, () => instance.core.sweep());
    }
  }

  private isQuiet(): boolean {
    const { scheduler, database } = this.context;
    if (scheduler.now < this.faultsEndAt || database.tables.openHolds.size > 0) return false;
    return this.instances.every(({ busyClients, core }) => busyClients === 0 && core.settlingCount === 0);
  }

  private checkLiveness(): void {
    const { database } = this.context;
    const { tables } = database;
    for (const { key, row } of tables.openHolds) {
      const late = database.nowMs() - (row?.leaseUntil ?? 0);
      throw new Finding(`I7: hold ${key} is open for ever${late > SWEEP_LATE_MS_MAX ? ', and nobody sweeps it' : ''}`);
    }
    for (const { name, busyClients, core } of this.instances) {
      if (core.settlingCount > 0) throw new Finding(`${name} still settles ${core.settlingCount} holds`);
      if (core.openCount > 0) throw new Finding(`${name} still has ${core.openCount} holds open`);
      if (busyClients > 0) throw new Finding(`${busyClients} clients of ${name} wait for ever`);
    }
  }
}

/** Resolves when everything that waited for a promise has had its turn, and what it has set off as well. */
function settledPromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
