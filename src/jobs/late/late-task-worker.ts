import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Cancellation } from '../../common/cancellation.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { isPassing } from '../../database/database-error.js';
import { type LeaseOwner, newLeaseOwner } from '../lease-owner.js';
import { afterTroubleMs } from '../look-again.js';
import type { LateTask } from './late-task.js';
import { LateTaskFollower } from './late-task-follower.js';
import { LateTaskStore } from './late-task-store.js';

/** Tasks in hand at a time, and of one channel. */
const IN_HAND_MAX = 200;
const OF_CHANNEL_MAX = 40;
/** How often is looked for tasks whose requests are over: nobody waits for them. */
const TICK_MS = 1_000;
/** Every so many ticks those are cleared away whose pictures were handed out. */
const CLEAR_TICKS = 10;
/** A fault of the hub's own is tried again so often. */
const FAILURES_MAX = 6;

/** Claims tasks whose requests are over and takes each through its next step. Every instance runs one. */
@Injectable()
export class LateTaskWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LateTaskWorker.name);
  private readonly owner: LeaseOwner;
  private readonly stopping = new Cancellation();
  private readonly inHand = new Map<LateTask, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private renewal: NodeJS.Timeout | undefined;
  private claiming: Promise<void> | undefined;
  private isFailing = false;
  private ticks = 0;

  constructor(
    @Inject(LateTaskStore) private readonly store: LateTaskStore,
    @Inject(LateTaskFollower) private readonly follower: LateTaskFollower,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.owner = newLeaseOwner(settings.jobs.leaseMs);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
    this.renewal = setInterval(() => void this.renew(), this.owner.leaseMs / 3).unref();
  }

  /** Begins nothing more and gives everything back, at once due for another instance. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort(new Error('The hub stops.'));
    await this.claiming;
    await Promise.all(this.inHand.values());
    clearInterval(this.renewal);
  }

  private tick(): void {
    this.claiming ??= this.claim()
      .then(
        () => {
          this.isFailing = false;
        },
        (error: Error) => {
          if (!this.isFailing) this.logger.warn(`Tasks of pictures cannot be claimed: ${error.message}`);
          this.isFailing = true;
        },
      )
      .finally(() => {
        this.claiming = undefined;
      });
  }

  private async claim(): Promise<void> {
    if (this.ticks++ % CLEAR_TICKS === 0) await this.store.forgetDone();
    const room = IN_HAND_MAX - this.inHand.size;
    if (room <= 0 || this.stopping.aborted) return;
    const limit = Math.min(room, OF_CHANNEL_MAX);
    for (const task of await this.store.claim(this.owner, limit, this.busyChannels(), [...this.inHand.keys()])) {
      const done = this.handle(task).finally(() => this.inHand.delete(task));
      this.inHand.set(task, done);
    }
  }

  /** Channels of which enough is in hand: one that answers slowly must not keep the others waiting. */
  private busyChannels(): string[] {
    const byChannel = Map.groupBy(this.inHand.keys(), ({ channelId }) => channelId);
    return [...byChannel].filter(([, tasks]) => tasks.length >= OF_CHANNEL_MAX).map(([channelId]) => channelId);
  }

  private async handle(task: LateTask): Promise<void> {
    try {
      await this.follower.step(task, { owner: this.owner, signal: this.stopping });
    } catch (error) {
      await this.afterFault(task, error).catch((later: unknown) => {
        // Its lease runs out, and somebody tries again.
        this.logger.warn(`A task of pictures could not be given back: ${later}`);
      });
    }
  }

  private async afterFault(task: LateTask, error: unknown): Promise<void> {
    if (this.stopping.aborted) return await this.store.handBack(task, this.owner);
    const { statusMsMax } = this.settings.jobs;
    if (isPassing(error)) return await this.store.putOff(task, this.owner, afterTroubleMs(0, statusMsMax, Math.random));
    const detail = Error.isError(error) ? (error.stack ?? error.message) : String(error);
    this.logger.error(`A task of pictures met a fault of the hub (${task.failures + 1} in a row): ${detail}`);
    if (task.failures + 1 >= FAILURES_MAX) return await this.follower.giveUp(task, this.owner, 'internal_error');
    await this.store.putOff(task, this.owner, afterTroubleMs(task.failures, statusMsMax, Math.random), true);
  }

  private async renew(): Promise<void> {
    if (this.inHand.size === 0) return;
    try {
      await this.store.renew(this.owner, [...this.inHand.keys()]);
    } catch (error) {
      this.logger.warn(`Leases of tasks of pictures could not be renewed: ${(error as Error).message}`);
    }
  }
}
