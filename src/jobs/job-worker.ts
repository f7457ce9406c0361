import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Cancellation } from '../common/cancellation.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { isPassing } from '../database/database-error.js';
import { Sql } from '../database/sql.js';
import { isOver, type Job } from './job.js';
import { JobChanges } from './job-changes.js';
import { JobEnder } from './job-ender.js';
import { JobLeaseStore } from './job-lease-store.js';
import { JobSteps } from './job-steps.js';
import { JobStore } from './job-store.js';
import { JobWrites } from './job-writes.js';
import { type LeaseOwner, newLeaseOwner } from './lease-owner.js';
import { afterTroubleMs } from './look-again.js';

/** Jobs in hand at a time, and of one channel. */
const IN_HAND_MAX = 1_000;
const OF_CHANNEL_MAX = 200;
/** Jobs without a channel yet: each of them is about to be submitted. */
const UNSENT_MAX = 100;
const CLAIM_MAX = 250;
/** How often is looked for due jobs, and when there have been none for a while. */
const TICK_MS = 200;
const IDLE_TICK_MS = 1_000;
const IDLE_AFTER_TICKS = 10;
const STEPS_MAX = 6;
/** A fault of the hub's own is tried again so often. */
const FAILURES_MAX = 6;
const STOP_MS_MAX = 5_000;

/** Claims jobs that are due and takes each through its next step. Every instance runs one. */
@Injectable()
export class JobWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(JobWorker.name);
  private readonly owner: LeaseOwner;
  private readonly writes: JobWrites;
  private readonly stopping = new Cancellation();
  private readonly inHand = new Map<string, { readonly channelId: string | null; readonly done: Promise<void> }>();
  private timer: NodeJS.Timeout | undefined;
  private claiming: Promise<void> | undefined;
  private renewal: NodeJS.Timeout | undefined;
  private isWantedAgain = false;
  private isStopped = false;
  private isFailing = false;
  private idleTicks = 0;

  constructor(
    @Inject(Sql) sql: Sql,
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(JobLeaseStore) private readonly leases: JobLeaseStore,
    @Inject(JobSteps) private readonly steps: JobSteps,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(JobChanges) private readonly changes: JobChanges,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.owner = newLeaseOwner(settings.jobs.leaseMs);
    this.writes = new JobWrites(sql, this.owner);
  }

  onApplicationBootstrap(): void {
    this.renewal = setInterval(() => void this.renew(), this.owner.leaseMs / 3).unref();
    this.plan(0);
  }

  /** Begins nothing more, waits a moment for what is under way, and gives the rest back. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const patience = setTimeout(() => this.stopping.abort(new Error('The hub stops.')), STOP_MS_MAX).unref();
    this.isStopped = true;
    await this.claiming;
    await Promise.all([...this.inHand.values()].map(({ done }) => done));
    clearTimeout(patience);
    clearInterval(this.renewal);
  }

  /** There is something to do now. */
  wake(): void {
    this.idleTicks = 0;
    if (this.claiming !== undefined) this.isWantedAgain = true;
    else this.plan(0);
  }

  private plan(ms: number): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), ms).unref();
  }

  private tick(): void {
    this.claiming = this.claim()
      .then(
        (isMore) => {
          this.isFailing = false;
          if (isMore || this.isWantedAgain) this.plan(0);
          else this.plan(this.idleTicks > IDLE_AFTER_TICKS ? IDLE_TICK_MS : TICK_MS);
        },
        (error: Error) => {
          if (!this.isFailing) this.logger.warn(`Jobs cannot be claimed: ${error.message}`);
          this.isFailing = true;
          this.plan(IDLE_TICK_MS);
        },
      )
      .finally(() => {
        this.isWantedAgain = false;
        this.claiming = undefined;
      });
  }

  /** @returns true when more may be due. */
  private async claim(): Promise<boolean> {
    const room = Math.min(CLAIM_MAX, IN_HAND_MAX - this.inHand.size);
    if (room <= 0) return false;
    const jobs = await this.leases.claim(this.owner, room, this.busyChannels(), [...this.inHand.keys()]);
    this.idleTicks = jobs.length === 0 ? this.idleTicks + 1 : 0;
    for (const job of jobs) {
      const done = this.handle(job).finally(() => this.inHand.delete(job.id));
      this.inHand.set(job.id, { channelId: job.channelId, done });
    }
    return jobs.length === room;
  }

  /** Channels of which enough is in hand: one that answers slowly must not keep the others waiting. '0' stands for none. */
  private busyChannels(): string[] {
    const counts = new Map<string, number>();
    for (const { channelId } of this.inHand.values()) {
      const key = channelId ?? NO_CHANNEL;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts]
      .filter(([key, count]) => count >= (key === NO_CHANNEL ? UNSENT_MAX : OF_CHANNEL_MAX))
      .map(([key]) => key);
  }

  private async handle(claimed: Job): Promise<void> {
    let job = claimed;
    try {
      for (let steps = 0; ; steps++) {
        const end = await this.steps.step(job, { owner: this.owner, signal: this.stopping }, this.writes);
        if (end === 'done') break;
        const stored = await this.store.find(job.id);
        if (stored === undefined || isOver(stored.state)) break;
        if (steps === STEPS_MAX) {
          await this.leases.handBack(job, this.owner);
          break;
        }
        job = stored;
      }
      if (job.version !== claimed.version) this.changes.note(job.id);
    } catch (error) {
      await this.afterFault(job, error).catch((later: unknown) => {
        // Its lease runs out, and somebody tries again.
        this.logger.warn(`Job job_${job.id} could not be given back: ${later}`);
      });
    }
  }

  private async afterFault(job: Job, error: unknown): Promise<void> {
    if (this.stopping.aborted) {
      await this.leases.handBack(job, this.owner);
      return;
    }
    if (isPassing(error)) {
      await this.leases.putOff(job, this.owner, afterTroubleMs(0, this.settings.jobs.statusMsMax, Math.random));
      return;
    }
    const detail = Error.isError(error) ? (error.stack ?? error.message) : String(error);
    this.logger.error(`Job job_${job.id} met a fault of the hub (${job.failures + 1} in a row): ${detail}`);
    if (job.failures + 1 < FAILURES_MAX) {
      await this.leases.putOff(
        job,
        this.owner,
        afterTroubleMs(job.failures, this.settings.jobs.statusMsMax, Math.random),
        true,
      );
      return;
    }
    if (isOver(job.state)) {
      // Watched for a success that comes late: whatever is wrong, it ends somewhere.
      await this.leases.rest(job, this.owner);
      return;
    }
    await this.ender.fail(job, this.owner, {
      code: 'internal_error',
      message: 'The hub could not carry the job out. Nothing was charged; its operator can see why.',
      detail: detail.slice(0, DETAIL_CHARS_MAX),
      made: job.outcome === null ? undefined : { usage: job.outcome.usage, count: job.outcome.outputs.length },
    });
  }

  private async renew(): Promise<void> {
    if (this.inHand.size === 0) return;
    try {
      await this.leases.renew(this.owner, [...this.inHand.keys()]);
    } catch (error) {
      this.logger.warn(`Leases of jobs could not be renewed: ${(error as Error).message}`);
    }
  }
}

const NO_CHANNEL = '0';
const DETAIL_CHARS_MAX = 4_000;
