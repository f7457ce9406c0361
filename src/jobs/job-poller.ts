import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskFailureKind, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { VideoOperation } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { toPublicText } from '../routing/public-text.js';
import { isOver, type Job, type JobOutcome } from './job.js';
import { JobChanges } from './job-changes.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, type JobFailure, offerOf } from './job-ender.js';
import { JobLeaseStore } from './job-lease-store.js';
import type { JobWork, StepEnd } from './job-work.js';
import type { JobWrites } from './job-writes.js';
import { afterNoAnswerMs, lookAgainMs } from './look-again.js';
import { progressOf } from './progress-of.js';
import { TaskSender } from './task-sender.js';

/** How often an answer may say that another question is needed. */
const FOLLOWS_MAX = 3;
/** For how long after its failure a job is watched for a success that comes late. */
const LATE_MS_MAX = 24 * 60 * 60_000;
const LATE_EVERY_MS = 15 * 60_000;

/**
 * For how long after it has taken a task on an upstream is not believed that the task is gone: what answers questions may lag behind
 * what takes tasks on, and the vendor is paid for the task all the same.
 */
const NEW_MS = 60_000;

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
    const operation = candidate?.provider.video;
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
      await this.ender.cancel(job, work.owner);
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
    const operation = candidate?.provider.video;
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
    operation: VideoOperation,
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
    operation: VideoOperation,
    first: TaskRef,
  ): Promise<TaskState> {
    let ref = first;
    for (let follows = 0; ; follows++) {
      const answer = await this.sender.send(candidate, operation, operation.toStatus(ref), { signal, isOnce: false });
      const state = operation.fromStatus(answer, ref);
      if (state.state === 'succeeded' && state.outputs.length === 0) {
        throw new ProviderError({
          kind: 'invalid_response',
          message: 'The upstream reports a success without a result.',
        });
      }
      if (state.state !== 'follow' || follows === FOLLOWS_MAX) return state;
      ref = state.ref;
      await this.store.keepRef(job, owner, ref);
    }
  }

  /**
   * Asks the upstream to stop, where its state lets it. What comes of it is for the next answer to say.
   * @returns whether the upstream took it.
   */
  private async callOff(
    job: Job,
    { signal }: JobWork,
    candidate: Candidate,
    operation: VideoOperation,
  ): Promise<boolean> {
    const { cancel } = operation;
    const ref = job.taskRef;
    if (cancel === undefined || ref === null) return false;
    const call = cancel.toCall(ref);
    if (call === undefined) return false;
    const before = operation.fromStatus(
      await this.sender.send(candidate, operation, operation.toStatus(ref), { signal, isOnce: false }),
      ref,
    );
    if ((before.state !== 'queued' && before.state !== 'processing') || !cancel.states.includes(before.state))
      return false;
    const answer = await this.sender.send(candidate, operation, call, { signal, isOnce: false });
    try {
      cancel.fromAnswer(answer, ref);
      return true;
    } catch (error) {
      // Refused: it goes on, as its state will show.
      if (!(error instanceof ProviderError)) throw error;
      return false;
    }
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
  return isGone(state) && acceptedAt !== null && Date.now() - acceptedAt.getTime() < NEW_MS;
}
