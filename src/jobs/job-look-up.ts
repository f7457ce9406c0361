import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { Job } from './job.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, offerOf } from './job-ender.js';
import { type AttemptEnd, JobLeaseStore } from './job-lease-store.js';
import { toJobTask } from './job-tasks.js';
import type { JobWork, StepEnd } from './job-work.js';
import { afterTroubleMs, lookAgainMs } from './look-again.js';
import { taskIdOf } from './task-id.js';
import { LOOK_UP_MS_MAX, TaskLookUp } from './task-look-up.js';

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
    @Inject(TaskLookUp) private readonly lookUps: TaskLookUp,
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
    const { operation, lookup } = task ?? {};
    const found =
      candidate === undefined || operation === undefined || lookup === undefined
        ? 'unsure'
        : await this.lookUps.ask(candidate, { operation, lookup, sentAtMs }, work.signal);
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
    if (operation === undefined) return 'done';
    const dueMs = lookAgainMs({ looks: 0 }, operation, this.settings.jobs.statusMsMax, Math.random);
    await this.store.accept(job, found, taskIdOf(operation, found), dueMs);
    return 'done';
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
