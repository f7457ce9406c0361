import type { Context, FaultRates } from './context.js';
import { type Procedure, Transaction } from './model/transaction.js';
import type { World } from './world.js';

/** Nothing goes wrong. */
export const NO_FAULTS: FaultRates = {
  refused: 0,
  dies: 0,
  conflict: 0,
  unanswered: 0,
  stalls: 0,
  delayed: 0,
  slow: 0,
};

const SECOND_US = 1_000_000;
const HOUR_MS = 3_600_000;
/** Longest time between two faults, in different worlds. */
const INTERVALS_US_MAX = [4 * SECOND_US, 10 * SECOND_US, 30 * SECOND_US, 60 * SECOND_US];

/** How badly the network and the database behave, somewhere between not at all and very. */
export function drawRates({ random }: Pick<Context, 'random'>): FaultRates {
  const level = random.pick([0, 0.01, 0.03, 0.1]);
  const rate = (): number => level * random.pick([0, 0.5, 1, 2]);
  return {
    refused: rate(),
    dies: rate(),
    conflict: rate(),
    unanswered: rate(),
    stalls: rate(),
    delayed: rate(),
    slow: rate(),
  };
}

/** The evil spirit: every few seconds it stops, kills, locks, or turns a clock, as long as the world lets it. */
export class Faults {
  private isOver = false;
  private readonly intervalUsMax: number;

  constructor(
    private readonly context: Context,
    private readonly world: World,
  ) {
    this.intervalUsMax = context.random.pick(INTERVALS_US_MAX);
  }

  begin(): void {
    this.context.scheduler.after(this.context.random.below(this.intervalUsMax), () => {
      if (this.isOver) return;
      this.strike();
      this.begin();
    });
  }

  /** Heals everything. */
  end(): void {
    const { context, world } = this;
    this.isOver = true;
    Object.assign(context.rates, NO_FAULTS);
    if (context.database.isDown) this.recover();
    world.restartAll();
  }

  private strike(): void {
    const { random } = this.context;
    const kind = random.below(12);
    if (kind < 3) this.pauseInstance();
    else if (kind < 5) this.killInstance();
    else if (kind < 7) this.lockAccount();
    else if (kind < 8) this.stopDatabase();
    else if (kind < 9) this.crashDatabase();
    else if (kind < 10) this.jumpDatabaseClock();
    else if (kind < 11) random.pick(this.world.instances).jumpClock(random.below(HOUR_MS));
    else Object.assign(this.context.rates, drawRates(this.context));
  }

  private pauseInstance(): void {
    const { random, leaseMs, trace } = this.context;
    const instance = random.pick(this.world.instances);
    const isLong = random.chance(0.5);
    const us = isLong ? leaseMs * 1000 + random.below(20 * SECOND_US) : random.below(10 * SECOND_US);
    trace?.(`fault: ${instance.name} stands still for ${us} us`);
    instance.pause(us);
  }

  private killInstance(): void {
    const { random, scheduler, trace } = this.context;
    const place = random.below(this.world.instances.length);
    trace?.(`fault: ${this.world.instances[place]?.name} is killed`);
    this.world.kill(place);
    scheduler.after(random.below(10 * SECOND_US), () => this.world.restart(place));
  }

  private lockAccount(): void {
    const { context, world } = this;
    const { database, random, scheduler, accountDisturbedAt } = context;
    const id = random.pick(world.accountIds);
    const us = random.below(4 * SECOND_US);
    const slot = database.tables.account.slot(id);
    const until = scheduler.now + us;
    context.trace?.(`fault: somebody locks account ${id} for ${us} us`);
    const hold = function* (tx: Transaction): Procedure<void> {
      if (!tx.lock(slot)) yield slot;
      accountDisturbedAt.set(id, until + SECOND_US);
      yield;
    };
    const fate = { stallsAfter: 1, stallUs: us };
    database.start({ title: 'outsider', isAbandoned: false }, fate, hold, () => undefined);
  }

  private stopDatabase(): void {
    const { context, world } = this;
    const us = context.random.below(10 * SECOND_US);
    context.trace?.(`fault: the database stands still for ${us} us`);
    context.database.pausedUntil = context.scheduler.now + us;
    context.databaseDisturbedAt = Math.max(context.databaseDisturbedAt, context.database.pausedUntil);
    for (const instance of world.instances) instance.store.timeOut();
  }

  private crashDatabase(): void {
    const { context } = this;
    const { random, scheduler, database } = context;
    if (database.isDown) return;
    context.trace?.('fault: the database crashes');
    database.crash();
    scheduler.after(random.below(15 * SECOND_US), () => this.recover());
  }

  private recover(): void {
    const { context } = this;
    context.database.isDown = false;
    context.databaseDisturbedAt = Math.max(context.databaseDisturbedAt, context.scheduler.now);
  }

  private jumpDatabaseClock(): void {
    const { context } = this;
    const ms = context.random.chance(0.2) ? 24 * HOUR_MS : context.random.below(HOUR_MS / 3);
    context.trace?.(`fault: the database's clock jumps by ${ms} ms`);
    context.database.jumpClock(ms);
    context.databaseDisturbedAt = Math.max(context.databaseDisturbedAt, context.scheduler.now);
  }
}
