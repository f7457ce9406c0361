import { Inject, Injectable, Logger } from '@nestjs/common';
import { endUserOf } from '../common/end-user.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { callbackOf } from '../providers/callback-of.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskCall, TaskRef } from '../providers/canonical/video.js';
import type { Candidate } from '../routing/candidate.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { callbackUrlOf } from './callback-url.js';
import type { JobExtras } from './check-video.js';
import { ImageMaker, type MadePictures } from './image-maker.js';
import { isDefinite } from './is-definite.js';
import type { Job, JobOffer } from './job.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, type JobFailure, offerOf } from './job-ender.js';
import { JobFetcher } from './job-fetcher.js';
import { type AttemptEnd, JobLeaseStore } from './job-lease-store.js';
import { type JobTask, toJobTask } from './job-tasks.js';
import { failureOf, type JobWork, type StepEnd } from './job-work.js';
import { afterTroubleMs, lookAgainMs } from './look-again.js';
import { taskIdOf } from './task-id.js';
import { FIRST_LOOK_UP_MS } from './task-look-up.js';
import { TaskSender } from './task-sender.js';

/** Submissions of one job, refused ones included; with the pauses between them some minutes. */
const ATTEMPTS_MAX = 12;
const CHANNEL_FULL_MS = 3_000;
const REST_MS_MAX = 30_000;
/** Refusals that another moment may change; after others the same channel is not asked again. */
const PASSING: ReadonlySet<string> = new Set(['rate_limited', 'overloaded', 'unreachable', 'tls', 'timeout']);

type Prepared =
  /** Pictures that come in the answer. */
  | { readonly kind: 'whole'; readonly extras: JobExtras }
  /** `uploads` come before the call, which has in it what the files are called then. */
  | { readonly kind: 'task'; readonly task: JobTask; readonly uploads: readonly TaskCall[] }
  | { readonly kind: 'task'; readonly task: JobTask; readonly call: TaskCall }
  | ProviderError;

/** Brings jobs to their upstreams, each at most once. */
@Injectable()
export class JobSubmitter {
  private readonly logger = new Logger(JobSubmitter.name);

  constructor(
    @Inject(JobLeaseStore) private readonly store: JobLeaseStore,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(ChannelHealth) private readonly health: ChannelHealth,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(ImageMaker) private readonly images: ImageMaker,
    @Inject(JobFetcher) private readonly fetcher: JobFetcher,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** One step of a queued job. */
  async submit(job: Job, work: JobWork): Promise<StepEnd> {
    if (job.isCancelRequested) {
      await this.ender.cancel(job, work.owner);
      return 'done';
    }
    if (Date.now() > job.deadlineAt.getTime()) return await this.giveUp(job, work, QUEUED_TOO_LONG);
    const open = this.openOffers(job);
    if (open.length === 0) return await this.giveUp(job, work, NO_CHANNEL);
    let waitMs = REST_MS_MAX;
    for (const { index, offer, candidate } of open) {
      const rest = this.health.reasonFor(candidate);
      if (rest !== undefined) {
        waitMs = Math.min(waitMs, rest.retryAfterMs ?? REST_MS_MAX);
        continue;
      }
      // Before the call is announced: what goes wrong here has sent nothing.
      const call = await this.prepare(toSent(job, index, offer), candidate);
      const begun = await this.store.begin(job, work.owner, index, offer);
      // Somebody wants it called off, or another worker has it: as it is stored now it needs another step.
      if (begun === 'lost') return 'again';
      if (begun === 'go') return await this.send(toSent(job, index, offer), work, candidate, call);
      waitMs = Math.min(waitMs, CHANNEL_FULL_MS, this.settings.jobs.statusMsMax);
    }
    await this.store.putOff(job, work.owner, waitMs);
    return 'done';
  }

  /** A job with a submission that was refused for certain: the next offer has its turn, now or a little later. */
  private async refuse(job: Job, work: JobWork, candidate: Candidate, error: ProviderError): Promise<StepEnd> {
    this.health.note(candidate, error);
    const failure = failureOf(error, candidate.secrets);
    const attempt = { outcome: 'refused' as const, code: error.code ?? error.kind, detail: failure.detail };
    if (error.isCallerFault || job.attempt >= ATTEMPTS_MAX) return await this.giveUp(job, work, failure, attempt);
    const refused = PASSING.has(error.kind) ? job.refused : [...job.refused, job.offer];
    const others = this.openOffers({ ...job, refused });
    if (others.length === 0) return await this.giveUp(job, work, failure, attempt);
    const isAnotherLeft = others.some(
      ({ index, candidate: other }) => index !== job.offer && !this.health.reasonFor(other),
    );
    // What was tried goes to the end of the line by being asked again only after a pause.
    const dueMs =
      isAnotherLeft && job.attempt < job.offers.length
        ? 0
        : afterTroubleMs(job.attempt - 1, this.settings.jobs.statusMsMax, Math.random, error.retryAfterMs);
    await this.store.requeue(job, work.owner, attempt, { refused, dueMs, queueMs: this.settings.jobs.queueMs });
    return 'done';
  }

  /** Fails a job that no upstream has. */
  private async giveUp(job: Job, { owner }: JobWork, failure: JobFailure, lastAttempt?: AttemptEnd): Promise<StepEnd> {
    if (lastAttempt !== undefined) await this.store.endAttempt(job, lastAttempt);
    await this.ender.fail(job, owner, failure);
    return 'done';
  }

  private async send(job: Job, work: JobWork, candidate: Candidate, call: Prepared): Promise<StepEnd> {
    if (call instanceof ProviderError) return await this.refuse(job, work, candidate, call);
    if (call.kind === 'whole') return await this.makeImages(job, work, candidate, call.extras);
    const { task } = call;
    const { operation } = task;
    const submission = 'call' in call ? call.call : await this.bringFiles(job, work, candidate, call);
    if (typeof submission === 'string') return submission;
    try {
      const answer = await this.sender.send(candidate, operation, submission, { signal: work.signal, isOnce: true });
      const ref = task.fromSubmit(answer);
      const dueMs = lookAgainMs({ looks: 0 }, operation, this.settings.jobs.statusMsMax, Math.random);
      const taskId = taskIdOf(operation, ref);
      if (!(await this.store.accept(job, ref, taskId, dueMs))) await this.keepLate(job, candidate, ref, taskId);
      return 'done';
    } catch (error) {
      return await this.afterFailure(job, work, candidate, error, isDefinite(error, operation));
    }
  }

  /** Uploads the files of a task. @returns its call, or how the step has ended where they were not taken. */
  private async bringFiles(
    job: Job,
    work: JobWork,
    candidate: Candidate,
    { task, uploads }: { readonly task: JobTask; readonly uploads: readonly TaskCall[] },
  ): Promise<TaskCall | StepEnd> {
    try {
      return task.toSubmit(await this.sender.upload(candidate, task, uploads, work.signal));
    } catch (error) {
      if (error instanceof ProviderError && !work.signal.aborted) return await this.refuse(job, work, candidate, error);
      if (!work.signal.aborted) throw error;
      // The hub stops: nothing was submitted, and whoever has the job next begins anew.
      const attempt = { outcome: 'refused' as const, detail: 'The hub stopped during an upload.' };
      const { refused } = job;
      await this.store.requeue(job, work.owner, attempt, { refused, dueMs: 0, queueMs: this.settings.jobs.queueMs });
      return 'done';
    }
  }

  /** This worker was taken for dead while its call was under way, and the job was given up. */
  private async keepLate(job: Job, { channel }: Candidate, ref: TaskRef, taskId: string): Promise<void> {
    const isKept = await this.store.keepLate(job, ref, taskId, this.settings.jobs.statusMsMax);
    this.logger.warn(
      `Channel "${channel.name}" took job_${job.id} after its worker was taken for dead. ${isKept ? 'What it costs will be a loss.' : 'Its task is lost.'}`,
    );
  }

  /** @returns the error when the adapter refuses an option. */
  private async prepare(job: Job, candidate: Candidate): Promise<Prepared> {
    const extras = await this.extrasOf(job, candidate);
    const task = toJobTask(job, offerOf(job), candidate, extras, Date.now());
    if (task === undefined) return { kind: 'whole', extras };
    try {
      const uploads = task.toUploads();
      return uploads.length > 0 ? { kind: 'task', task, uploads } : { kind: 'task', task, call: task.toSubmit() };
    } catch (error) {
      if (error instanceof ProviderError) return error;
      throw error;
    }
  }

  private async makeImages(job: Job, work: JobWork, candidate: Candidate, extras: JobExtras): Promise<StepEnd> {
    let made: MadePictures;
    try {
      made = await this.images.make(job, extras, candidate, work.signal);
    } catch (error) {
      return await this.afterFailure(job, work, candidate, error, isDefinite(error));
    }
    return await this.fetcher.keepInHand(job, work, made);
  }

  /** @param isCertain nothing was made. */
  private async afterFailure(
    job: Job,
    work: JobWork,
    candidate: Candidate,
    error: unknown,
    isCertain: boolean,
  ): Promise<StepEnd> {
    if (isCertain && error instanceof ProviderError) return await this.refuse(job, work, candidate, error);
    const detail = error instanceof ProviderError ? failureOf(error, candidate.secrets).detail : String(error);
    this.logger.warn(`Nobody knows whether channel "${candidate.channel.name}" took job_${job.id}: ${detail}`);
    await this.store.markUnknown(
      job,
      work.owner,
      { outcome: 'unknown', detail },
      Math.min(FIRST_LOOK_UP_MS, this.settings.jobs.statusMsMax),
    );
    return 'done';
  }

  private async extrasOf(job: Job, { channel, provider }: Candidate): Promise<JobExtras> {
    const { request } = job;
    const hasPictures = request.image?.kind === 'stored' || request.lastFrame?.kind === 'stored';
    const pictures = hasPictures ? await this.store.inputsOf(job.id) : [];
    return {
      externalId: `job_${job.id}`,
      endUser: endUserOf(job.accountId, job.userIdentifier),
      callbackUrl: callbackOf(provider) && callbackUrlOf(this.settings, channel),
      pictures: new Map(pictures.map(({ name, contentType, base64 }) => [name, { contentType, base64 }])),
    };
  }

  /** Offers that are not out of the question and whose channels are switched on; the one tried last comes last. */
  private openOffers(job: Job): { index: number; offer: JobOffer; candidate: Candidate }[] {
    const open = job.offers.flatMap((offer, index) => {
      const candidate = job.refused.includes(index) ? undefined : this.channels.open(offer);
      return candidate === undefined ? [] : [{ index, offer, candidate }];
    });
    const start = job.attempt === 0 ? 0 : open.findIndex(({ index }) => index > job.offer);
    return start <= 0 ? open : [...open.slice(start), ...open.slice(0, start)];
  }
}

const QUEUED_TOO_LONG: JobFailure = {
  code: 'queue_timeout',
  message: 'No channel took the job in time. Nothing was charged; please try again later.',
};
const NO_CHANNEL: JobFailure = {
  code: 'model_unavailable',
  message: 'No channel that could take the job is left. Nothing was charged.',
};

/** The job as `job_begin` has left it. */
function toSent(job: Job, index: number, offer: JobOffer): Job {
  return {
    ...job,
    state: 'submitting',
    offer: index,
    attempt: job.attempt + 1,
    channelId: offer.channelId,
    model: offer.model,
    provider: offer.provider,
    sentAt: new Date(),
  };
}
