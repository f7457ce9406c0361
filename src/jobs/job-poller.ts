import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskCall, TaskFailureKind, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { toPublicText } from '../routing/public-text.js';
import { askAfter, isGoneTooSoon } from './ask-after.js';
import { callOff } from './call-off.js';
import { isOver, type Job, type JobOutcome } from './job.js';
import { JobChanges } from './job-changes.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, type JobFailure, offerOf } from './job-ender.js';
import { JobLeaseStore } from './job-lease-store.js';
import { tasksOf } from './job-tasks.js';
import type { JobWork, StepEnd } from './job-work.js';
import type { JobWrites } from './job-writes.js';
import { afterNoAnswerMs, lookAgainMs } from './look-again.js';
import { progressOf } from './progress-of.js';
import { TaskSender } from './task-sender.js';

/** For how long after its failure a job is watched for a success that comes late. */
const LATE_MS_MAX = 24 * 60 * 60_000;
const LATE_EVERY_MS = 15 * 60_000;

const CODE_CHARS_MAX = 100;

const FAILURES: Readonly<Record<TaskFailureKind, { readonly code: string; readonly message: string }>> = {
  content_refused: {
    code: 'content_policy_violation',
    message: 'The content policy of the provider refused this request or its result.',
  },
  invalid_request: { code: 'invalid_request', message: 'The provider found fault with the request.' },
  expired: { code: 'timeout', message: 'The provider gave the job up.' },
  failed: { code: 'generation_failed', message: 'The provider could not make it.' },
};

/** Asks upstreams after their tasks. Not being able to ask is no failure of a job. */
@Injectable()
export class JobPoller {
  constructor(
    @Inject(JobLeaseStore) private readonly store: JobLeaseStore,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(JobChanges) private readonly changes: JobChanges,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** One step of a job that its upstream has taken on; also of one that failed by time, in case it succeeds after all. */
  async look(job: Job, work: JobWork, writes: JobWrites): Promise<StepEnd> {
    const candidate = await this.channels.pinned(offerOf(job));
    const operation = candidate && tasksOf(job.kind, candidate);
    let state: TaskState | undefined;
    let trouble: ProviderError | undefined;
    if (candidate !== undefined && operation !== undefined && job.taskRef !== null) {
      try {
        const isOff = job.isCancelRequested && (await this.callOff(job, work, candidate, operation));
        const answer = await this.ask(job, work, candidate, operation, job.taskRef);
        state = !isOff && isTooEarly(job, answer) ? undefined : answer;
      } catch (error) {
        // Cut off by the hub's own stop, it says nothing about the upstream.
        if (!(error instanceof ProviderError) || work.signal.aborted) throw error;
        trouble = error;
      }
    }
    if (isOver(job.state)) return await this.afterTheEnd(job, work, state);
    if (state?.state === 'succeeded') {
      const { outputs, usage } = state;
      const isMine = await this.store.beginFetch(job, work.owner, { outputs, usage });
      this.changes.note(job.id);
      return isMine ? 'again' : 'done';
    }
    if (state?.state === 'cancelled' || (job.isCancelRequested && isGone(state))) {
      const isBilled = operation?.cancel?.isBilled === true;
      await this.ender.cancel(job, work.owner, isBilled ? { usage: {}, count: job.request.count } : undefined);
      return 'done';
    }
    if (state?.state === 'failed') return await this.fail(job, work, candidate, state);
    if (Date.now() > job.deadlineAt.getTime()) return await this.giveUp(job, work);
    if (state === undefined || operation === undefined) {
      await this.store.putOff(
        job,
        work.owner,
        afterNoAnswerMs(job, operation ?? {}, this.settings.jobs.statusMsMax, Math.random, trouble?.retryAfterMs),
      );
      return 'done';
    }
    return await this.note(job, state, operation, writes);
  }

  /** The results of a job whose links may have died, with fresh ones; undefined when there are none to be had. */
  async refresh(job: Job, work: JobWork): Promise<JobOutcome | undefined> {
    const candidate = await this.channels.pinned(offerOf(job));
    const operation = candidate && tasksOf(job.kind, candidate);
    if (candidate === undefined || operation === undefined || job.taskRef === null) return undefined;
    try {
      const state = await this.ask(job, work, candidate, operation, job.taskRef);
      if (state.state !== 'succeeded') return undefined;
      const { outputs, usage } = state;
      await this.store.beginFetch(job, work.owner, { outputs, usage });
      return { outputs, usage };
    } catch (error) {
      if (error instanceof ProviderError) return undefined;
      throw error;
    }
  }

  private async note(
    job: Job,
    state: Extract<TaskState, { state: 'queued' | 'processing' | 'follow' }>,
    operation: TaskApi,
    writes: JobWrites,
  ): Promise<StepEnd> {
    const dueMs = lookAgainMs(job, operation, this.settings.jobs.statusMsMax, Math.random);
    const isKnown = state.state !== 'follow';
    const progress = isKnown ? progressOf(job, state, Date.now()) : job.progress;
    // A task that has been worked on is not shown as waiting again.
    const next = job.state === 'processing' || (isKnown && state.state === 'processing') ? 'processing' : 'accepted';
    await writes.write({ id: job.id, state: next, progress, dueMs });
    if (next !== job.state || progress !== job.progress) this.changes.note(job.id);
    return 'done';
  }

  private async ask(
    job: Job,
    { owner, signal }: JobWork,
    candidate: Candidate,
    operation: TaskApi,
    first: TaskRef,
  ): Promise<TaskState> {
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    const keep = (ref: TaskRef) => this.store.keepRef(job, owner, ref);
    return (await askAfter(operation, first, send, keep)).state;
  }

  /** @returns whether the upstream took it that a task shall stop. */
  private async callOff(job: Job, { signal }: JobWork, candidate: Candidate, operation: TaskApi): Promise<boolean> {
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    return job.taskRef !== null && (await callOff(operation, job.taskRef, send));
  }

  private async fail(
    job: Job,
    { owner }: JobWork,
    candidate: Candidate | undefined,
    { kind, code, message }: Extract<TaskState, { state: 'failed' }>,
  ): Promise<StepEnd> {
    const face = FAILURES[kind];
    const said = toPublicText(message, candidate?.secrets ?? []);
    await this.ender.fail(job, owner, {
      code: face.code,
      message: `${said === '' ? face.message : `${face.message} It said: ${said}`} Nothing was charged.`,
      detail: code === undefined ? undefined : toPublicText(code, candidate?.secrets ?? []).slice(0, CODE_CHARS_MAX),
    });
    return 'done';
  }

  private async giveUp(job: Job, { owner }: JobWork): Promise<StepEnd> {
    const failure: JobFailure = {
      code: 'timeout',
      message: 'The provider did not finish the job in time. Nothing was charged.',
      detail: `no end by ${job.deadlineAt.toISOString()}`,
      lookAgainAt: new Date(Date.now() + Math.min(LATE_EVERY_MS, this.settings.jobs.statusMsMax * 4)),
    };
    await this.ender.fail(job, owner, failure);
    return 'done';
  }

  /** The customer has been told; only the operator's books change. */
  private async afterTheEnd(job: Job, { owner }: JobWork, state: TaskState | undefined): Promise<StepEnd> {
    const isOpen =
      state === undefined || state.state === 'queued' || state.state === 'processing' || state.state === 'follow';
    if (state?.state === 'succeeded') await this.ender.bookLateSuccess(job, state.usage, state.outputs.length);
    const endedMs = (job.finishedAt ?? job.createdAt).getTime();
    if (!isOpen || Date.now() - endedMs > LATE_MS_MAX) await this.store.rest(job, owner);
    else await this.store.putOff(job, owner, LATE_EVERY_MS);
    return 'done';
  }
}

/** Some vendors take the record of a task away when it is called off. */
function isGone(state: TaskState | undefined): boolean {
  return state?.state === 'failed' && state.kind === 'expired';
}

function isTooEarly({ acceptedAt }: Job, state: TaskState): boolean {
  return acceptedAt !== null && isGoneTooSoon(state, Date.now() - acceptedAt.getTime());
}
