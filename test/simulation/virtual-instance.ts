import type { LedgerClock } from '../../src/quota/core/ledger-clock.js';
import type { LedgerCore } from '../../src/quota/core/ledger-core.js';
import { toReleaseEvents } from '../../src/quota/to-release-events.js';
import type { Context } from './context.js';
import { createCore } from './create-core.js';
import { ModelStore } from './model-store.js';

const TIMER_LATE_US = 300;
const RESERVE_PATIENCE_MS = 2_500;

/** One process of the hub: its core, its clock, its timers. It can be stopped for a while, and killed. */
export class VirtualInstance {
  readonly core: LedgerCore;
  readonly store: ModelStore;
  isKilled = false;
  pausedUntil = 0;
  /** Until when it stood still, or when a heartbeat of it last went wrong. */
  disturbedAt = 0;
  /** Its clients that are not done. */
  busyClients = 0;
  private skewMs: number;
  private readonly bornAt: number;

  constructor(
    private readonly context: Context,
    readonly name: string,
    readonly epoch: number,
    waitingMax: number,
  ) {
    this.bornAt = context.scheduler.now;
    this.skewMs = context.random.below(1_000_000);
    this.store = new ModelStore(context, this);
    this.core = createCore(context.missing, {
      store: this.store,
      clock: this.clock,
      reservePatienceMs: RESERVE_PATIENCE_MS,
      waitingMax,
      findLocked: (accountIds) => this.store.findLocked(accountIds),
      toReleaseEvents,
    });
  }

  /** What the core sees of time. */
  private get clock(): LedgerClock {
    return {
      now: () => this.skewMs + (this.context.scheduler.now - this.bornAt) / 1000,
      schedule: (ms, task) => {
        let isOff = false;
        this.after(ms * 1000 + this.context.random.below(TIMER_LATE_US), () => {
          if (!isOff) task();
        });
        return () => {
          isOff = true;
        };
      },
    };
  }

  /** The clock of this process jumps forward. */
  jumpClock(ms: number): void {
    this.skewMs += ms;
  }

  /** Something that happens in this process: not while it is stopped, and never once it is killed. */
  after(us: number, run: () => void): void {
    this.context.scheduler.after(us, () => this.enter(run));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms * 1000, resolve));
  }

  /** Calls `task` for ever, one run at a time. */
  repeat(ms: number, task: () => Promise<unknown>): void {
    let isRunning = false;
    const tick = () => {
      this.after(ms * 1000, tick);
      if (isRunning) return;
      isRunning = true;
      const began = this.context.scheduler.now;
      task().then(
        () => {
          isRunning = false;
          if (this.context.scheduler.now - began > 1_000_000) this.disturbedAt = this.context.scheduler.now;
        },
        () => {
          isRunning = false;
          this.disturbedAt = this.context.scheduler.now;
        },
      );
    };
    this.after(this.context.random.below(ms * 1000), tick);
  }

  /** Stops it for a while, as SIGSTOP does. */
  pause(us: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.context.scheduler.now + us);
    this.disturbedAt = Math.max(this.disturbedAt, this.pausedUntil);
  }

  private enter(run: () => void): void {
    const { scheduler } = this.context;
    if (this.isKilled) return;
    if (scheduler.now < this.pausedUntil) {
      scheduler.at(this.pausedUntil, () => this.enter(run));
      return;
    }
    this.context.isDirty = true;
    run();
  }
}
