import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { isPassing } from '../database/database-error.js';
import { Custody } from '../media/custody.js';
import { MediaError } from '../media/media-error.js';
import type { MediaSource } from '../media/media-source.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskOutput } from '../providers/canonical/video.js';
import type { Candidate } from '../routing/candidate.js';
import type { MadePictures } from './image-maker.js';
import type { Job, JobOutcome, JobOutput } from './job.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, offerOf } from './job-ender.js';
import { JobLeaseStore } from './job-lease-store.js';
import { tasksOf } from './job-tasks.js';
import type { JobWork, StepEnd } from './job-work.js';
import { afterTroubleMs } from './look-again.js';
import { fileIn, TaskSender } from './task-sender.js';

/** Tries to fetch a result that is at a living link; about half an hour with the pauses between them. */
const TRIES_MAX = 30;
/** A disk that is full is the operator's to clear, and that takes longer. */
const TRIES_MAX_NO_SPACE = 1_000;
const IN_HAND_TRIES_MAX = 5;
const IN_HAND_PAUSE_MS = 1_000;
/** Results of one channel that are fetched at a time, far fewer than jobs of one channel are in hand. */
const OF_CHANNEL_MAX = 50;
const TURN_MS = 500;

/** Gets hold of a result when its turn has come. */
type OpenSource = () => MediaSource | Promise<MediaSource>;

/** Brings results home. A job succeeds only when its result can be delivered. */
@Injectable()
export class JobFetcher {
  private readonly logger = new Logger(JobFetcher.name);
  /** Steps under way by channel. */
  private readonly underWay = new Map<string, number>();

  constructor(
    @Inject(JobLeaseStore) private readonly store: JobLeaseStore,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(Custody) private readonly custody: Custody,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Takes a step when there is room for it, or gives the job back: results come from hosts that may be slow, and must not keep the
   * tasks of their channel from being looked at.
   */
  async inTurn(job: Job, work: JobWork, step: () => Promise<StepEnd>): Promise<StepEnd> {
    const { channelId } = offerOf(job);
    const count = this.underWay.get(channelId) ?? 0;
    if (count >= OF_CHANNEL_MAX) {
      await this.store.handBack(job, work.owner, TURN_MS);
      return 'done';
    }
    this.underWay.set(channelId, count + 1);
    try {
      return await step();
    } finally {
      const left = (this.underWay.get(channelId) ?? 1) - 1;
      if (left > 0) this.underWay.set(channelId, left);
      else this.underWay.delete(channelId);
    }
  }

  /** One step of a job whose upstream is done. */
  async fetch(job: Job, outcome: JobOutcome, work: JobWork): Promise<StepEnd> {
    const candidate = await this.channels.pinned(offerOf(job));
    if (candidate === undefined) return await this.putOff(job, work, outcome, 'its channel is gone');
    const links = outcome.outputs.map((output) => output.url);
    if (this.settings.media.delivery === 'link' && job.kind === 'video' && links.every((url) => url !== undefined)) {
      await this.ender.succeed(job, work.owner, links.map(toLinkOutput), outcome.usage);
      return 'done';
    }
    try {
      const sources = outcome.outputs.map(
        (output, index) => () => this.sourceOf(job, candidate, output, index, work.signal),
      );
      await this.ender.succeed(job, work.owner, await this.keepAll(job, sources, work), outcome.usage);
      return 'done';
    } catch (error) {
      if (work.signal.aborted) throw error;
      if (!(error instanceof MediaError) && !(error instanceof ProviderError)) throw error;
      return await this.afterFailure(job, work, outcome, error);
    }
  }

  /** Keeps results that are in hand, and ends the job: what is given up now is lost. */
  async keepInHand(job: Job, work: JobWork, { pictures, usage }: MadePictures): Promise<StepEnd> {
    let outputs: readonly JobOutput[] | undefined;
    for (let tries = 1; ; tries++) {
      try {
        outputs ??= await this.keepAll(
          job,
          pictures.map((picture) => () => picture),
          work,
        );
        await this.ender.succeed(job, work.owner, outputs, usage);
        return 'done';
      } catch (error) {
        const isLast = tries === IN_HAND_TRIES_MAX || work.signal.aborted;
        if (error instanceof MediaError) {
          if (!error.retryable || isLast) {
            return await this.giveUp(job, work, { outputs: pictures.map(() => ({})), usage }, error.message);
          }
        } else if (!isPassing(error) || isLast) throw error;
      }
      await delay(tries * IN_HAND_PAUSE_MS);
    }
  }

  private async keepAll(job: Job, sources: readonly OpenSource[], { signal }: JobWork): Promise<JobOutput[]> {
    const outputs: JobOutput[] = [];
    // One after the other: a job may have several films of a gigabyte.
    for (const [place, open] of sources.entries()) {
      const kept = await this.custody.keep(job.id, place, job.kind, await open(), signal);
      outputs.push({ place, upstreamUrl: null, ...kept });
    }
    return outputs;
  }

  /** @throws ProviderError for a file that has to be read out of an answer, when it is not in there. */
  private async sourceOf(
    job: Job,
    candidate: Candidate,
    output: TaskOutput,
    index: number,
    signal: CancelSignal,
  ): Promise<MediaSource> {
    const { channel, origin } = candidate;
    const { allowPrivateNetwork } = channel;
    if (output.url !== undefined) return { kind: 'url', url: output.url, allowPrivateNetwork };
    const operation = tasksOf(job.kind, candidate);
    const { taskRef } = job;
    const call = taskRef === null ? undefined : operation?.toContent?.(taskRef, index);
    if (operation === undefined || call === undefined)
      throw new Error(`Result ${index} of job ${job.id} has no address.`);
    if (operation.fromContent !== undefined) {
      const response = await this.sender.open(candidate, operation, call, signal);
      return { kind: 'bytes', bytes: await fileIn(response, operation, index) };
    }
    const open = (signal: CancelSignal) => this.sender.open(candidate, operation, call, signal);
    return { kind: 'response', origin, allowPrivateNetwork, open };
  }

  private async afterFailure(
    job: Job,
    work: JobWork,
    outcome: JobOutcome,
    error: MediaError | ProviderError,
  ): Promise<StepEnd> {
    const isMedia = error instanceof MediaError;
    const reason = isMedia ? `${error.fault}: ${error.message}` : error.kind;
    const isFinal = isMedia && !error.retryable && (error.fault === 'too_large' || error.fault === 'wrong_type');
    const triesMax = isMedia && error.fault === 'no_space' ? TRIES_MAX_NO_SPACE : TRIES_MAX;
    if (isFinal || job.looks >= triesMax) return await this.giveUp(job, work, outcome, reason);
    return await this.putOff(job, work, outcome, reason);
  }

  /** The next step asks the upstream once more, since links die. */
  private async putOff(job: Job, work: JobWork, outcome: JobOutcome, reason: string): Promise<StepEnd> {
    if (job.looks >= TRIES_MAX_NO_SPACE) return await this.giveUp(job, work, outcome, reason);
    this.logger.warn(`The result of job_${job.id} cannot be fetched (try ${job.looks + 1}): ${reason}`);
    await this.store.putOff(job, work.owner, afterTroubleMs(job.looks, this.settings.jobs.statusMsMax, Math.random));
    return 'done';
  }

  private async giveUp(job: Job, { owner }: JobWork, outcome: JobOutcome, reason: string): Promise<StepEnd> {
    await this.ender.fail(job, owner, {
      code: 'result_unavailable',
      message: 'The provider made the result, but it could not be fetched from there. Nothing was charged.',
      detail: reason,
      made: { usage: outcome.usage, count: outcome.outputs.length },
    });
    return 'done';
  }
}

function toLinkOutput(url: string | undefined, place: number): JobOutput {
  return { place, storageKey: null, upstreamUrl: url ?? '', contentType: 'video/mp4', bytes: null };
}
