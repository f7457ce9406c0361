import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskRef } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import type { Job } from './job.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, offerOf } from './job-ender.js';
import { type AttemptEnd, JobLeaseStore } from './job-lease-store.js';
import { type JobTask, toJobTask } from './job-tasks.js';
import type { JobWork, StepEnd } from './job-work.js';
import { afterTroubleMs, lookAgainMs } from './look-again.js';
import { taskIdOf } from './task-id.js';
import { TaskSender } from './task-sender.js';

/** For how long after a submission its task is looked for. */
const LOOK_UP_MS_MAX = 10 * 60_000;
/** After that an upstream that knows nothing of a task has never had it. */
const SETTLE_MS = 60_000;
const ORPHANED: AttemptEnd = { outcome: 'unknown', detail: 'its worker is gone' };

/**
 * Finds out what became of submissions whose answers never came: the task is found, or certainly does not exist and may be
 * submitted again; otherwise the job fails, since a second task would cost money a second time.
 */
@Injectable()
export class JobLookUp {
  constructor(
    @Inject(JobLeaseStore) private readonly store: JobLeaseStore,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** One step of a job that is unknown, or was being submitted when its worker died. */
  async lookUp(job: Job, work: JobWork): Promise<StepEnd> {
    const candidate = await this.channels.pinned(offerOf(job));
    const sentAtMs = (job.sentAt ?? job.createdAt).getTime();
    const extras = { externalId: `job_${job.id}`, pictures: new Map() };
    const task = candidate && toJobTask(job, offerOf(job), candidate, extras, sentAtMs);
    // Pictures that are made at once leave nothing to be found.
    const isBlind = candidate !== undefined && task?.lookup === undefined;
    if (isBlind) {
      if (job.state === 'submitting') await this.store.endAttempt(job, ORPHANED);
      return await this.giveUp(job, work);
    }
    if (job.state === 'submitting') {
      // Durable first: a worker that only seemed dead may still write the task down, which the next look will see.
      await this.store.markUnknown(job, work.owner, ORPHANED, 0);
      return 'done';
    }
    // A channel that cannot be used at the moment may be back before the time is over.
    const found =
      candidate === undefined || task === undefined ? 'unsure' : await this.ask(work, candidate, task, sentAtMs);
    if (found === 'unsure') {
      if (Date.now() - sentAtMs > LOOK_UP_MS_MAX) return await this.giveUp(job, work);
      await this.store.putOff(job, work.owner, afterTroubleMs(job.looks, this.settings.jobs.statusMsMax, Math.random));
      return 'done';
    }
    if (found === 'absent') {
      const { queueMs } = this.settings.jobs;
      const { refused } = job;
      await this.store.requeue(job, work.owner, { outcome: 'absent' }, { refused, dueMs: 0, queueMs });
      return 'done';
    }
    if (task === undefined) return 'done';
    const { operation } = task;
    const dueMs = lookAgainMs({ looks: 0 }, operation, this.settings.jobs.statusMsMax, Math.random);
    await this.store.accept(job, found, taskIdOf(operation, found), dueMs);
    return 'done';
  }

  private async ask(
    { signal }: JobWork,
    candidate: Candidate,
    { operation, lookup }: JobTask,
    sentAtMs: number,
  ): Promise<TaskRef | 'absent' | 'unsure'> {
    if (lookup === undefined) return 'unsure';
    try {
      const call = lookup.toCall();
      const answer = await this.sender.send(candidate, operation, call, { signal, isOnce: false });
      const known = await this.knownTasks(candidate, operation, (isKnown) => lookup.fromAnswer(answer, isKnown));
      const found = lookup.fromAnswer(answer, (ref) => known.has(taskIdOf(operation, ref)));
      const isSettled = Date.now() - sentAtMs > (lookup.settleMs ?? SETTLE_MS);
      return found === 'absent' && !isSettled ? 'unsure' : found;
    } catch (error) {
      if (error instanceof ProviderError) return 'unsure';
      throw error;
    }
  }

  /** Reads the answer once only to learn which tasks it is about, so that one query can tell which of them are ours. */
  private async knownTasks(
    { channel }: Candidate,
    operation: TaskApi,
    read: (isKnown: (ref: TaskRef) => boolean) => unknown,
  ): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    read((ref) => {
      seen.add(taskIdOf(operation, ref));
      return true;
    });
    return seen.size === 0 ? seen : await this.store.isKnownTask(channel.id, [...seen]);
  }

  private async giveUp(job: Job, { owner }: JobWork): Promise<StepEnd> {
    await this.ender.fail(job, owner, {
      code: 'submission_uncertain',
      message:
        'The provider did not confirm that it took the job, so it was not sent a second time. Nothing was charged; please submit it again.',
      detail: 'no look-up told what became of the submission',
    });
    return 'done';
  }
}
