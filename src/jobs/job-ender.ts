import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { isPassing } from '../database/database-error.js';
import type { Price } from '../pricing/price.js';
import { PriceVersions } from '../pricing/price-versions.js';
import type { TaskUsage } from '../providers/canonical/video.js';
import type { UsageEvent, UsageOutcome } from '../quota/core/usage-event.js';
import { toEventRows } from '../quota/to-event-rows.js';
import { countTokens } from '../tokens/count-tokens.js';
import type { Job, JobError, JobOffer, JobOutput } from './job.js';
import { JobChanges } from './job-changes.js';
import { askedUsage, chargeOf, type JobCharge } from './job-cost.js';
import { JobLeaseStore } from './job-lease-store.js';
import { lateSuccessAlert, troubleAlert } from './job-trouble.js';
import type { LeaseOwner } from './lease-owner.js';

/** What the upstream has made, or takes for made, and will bill although the customer gets nothing. */
export interface JobBilled {
  readonly usage: TaskUsage;
  readonly count: number;
}

/** How a job fails. */
export interface JobFailure extends JobError {
  /** For the operator. */
  readonly detail?: string;
  readonly made?: JobBilled;
  /** When to look for a success that comes late. */
  readonly lookAgainAt?: Date;
}

/** Ends jobs: works out what is paid, and has state, money, results and message written in one transaction. */
@Injectable()
export class JobEnder {
  private readonly logger = new Logger(JobEnder.name);

  constructor(
    @Inject(JobLeaseStore) private readonly store: JobLeaseStore,
    @Inject(PriceVersions) private readonly prices: PriceVersions,
    @Inject(JobChanges) private readonly changes: JobChanges,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The results can be delivered: the customer pays for them. */
  async succeed(job: Job, owner: LeaseOwner, outputs: readonly JobOutput[], usage: TaskUsage): Promise<void> {
    const charge = await this.charge(job, usage, outputs.length);
    const event = finalEvent(job, 'done', charge);
    await this.end(job, owner, { state: 'succeeded', event: { ...event, cost: charge.cost }, outputs });
  }

  /** Nothing is paid. */
  async fail(job: Job, owner: LeaseOwner, failure: JobFailure): Promise<void> {
    const { made, code } = failure;
    const charge = made && (await this.chargeIfKnown(job, made));
    const event = { ...finalEvent(job, 'failed', charge), errorCode: code };
    this.logger.log(`Job job_${job.id} failed: ${code}${failure.detail === undefined ? '' : ` (${failure.detail})`}`);
    await this.end(job, owner, { state: 'failed', event, failure });
  }

  /**
   * Called off before there was a result: nothing is paid.
   * @param owner null when nothing has been done for it yet.
   * @returns false when it was too late.
   */
  async cancel(job: Job, owner: LeaseOwner | null, billed?: JobBilled): Promise<boolean> {
    const charge = billed && (await this.chargeIfKnown(job, billed));
    return await this.end(job, owner, { state: 'cancelled', event: finalEvent(job, 'cancelled', charge) });
  }

  /** A success after the end changes nothing for the customer: what the operator pays for it is a loss, where it is known. */
  async bookLateSuccess(job: Job, usage: TaskUsage, count: number): Promise<void> {
    const { purchaseCost } = await this.charge(job, usage, count);
    if (purchaseCost === undefined) return;
    await this.store.bookLateSuccess(job, purchaseCost, lateSuccessAlert(job, purchaseCost, Date.now()));
  }

  /** A price that cannot be read must not keep a job from its end. */
  private async chargeIfKnown(job: Job, made: JobBilled): Promise<JobCharge | undefined> {
    try {
      return await this.charge(job, made.usage, made.count);
    } catch (error) {
      if (isPassing(error)) throw error;
      this.logger.error(`What job_${job.id} has cost the operator cannot be told: ${String(error)}`);
      return undefined;
    }
  }

  private async charge(job: Job, usage: TaskUsage, count: number): Promise<JobCharge> {
    const offer = offerOf(job);
    const [selling, purchase] = await this.pricesOf(offer);
    const { held, multiplierMillionths } = job;
    const asked = askedUsage(job.kind, job.request, offer);
    return chargeOf(
      asked,
      usage,
      { made: count, wanted: job.request.count, promptTokens: promptTokensOf(job) },
      { selling, purchase, multiplierMillionths, held },
    );
  }

  private async pricesOf({ priceVersionId, purchaseVersionId }: JobOffer): Promise<[Price, Price | undefined]> {
    const purchase = purchaseVersionId === null ? undefined : await this.prices.find(purchaseVersionId);
    return [await this.prices.get(priceVersionId), purchase];
  }

  private async end(
    job: Job,
    owner: LeaseOwner | null,
    {
      state,
      event,
      outputs,
      failure,
    }: {
      readonly state: 'succeeded' | 'failed' | 'cancelled';
      readonly event: UsageEvent;
      readonly outputs?: readonly JobOutput[];
      readonly failure?: JobFailure;
    },
  ): Promise<boolean> {
    const before = job.attempt > 1 ? await this.store.failedAttempts(job.id) : [];
    const events = [
      ...before.filter(({ number }) => number < event.attempt).map((attempt) => failedEvent(job, attempt)),
      event,
    ];
    const { id: holdId, accountId } = job;
    const ended = await this.store.finish(job, owner, {
      state,
      cost: event.cost,
      events: toEventRows({ holdId, accountId, cost: event.cost, events }),
      code: failure?.code,
      message: failure?.message,
      detail: failure?.detail,
      outputs,
      retentionMs: this.settings.media.retentionMs,
      lookAgainAt: failure?.lookAgainAt,
      alert: failure && troubleAlert(job, failure.code, Date.now()),
    });
    if (ended === 'now') this.changes.note(job.id);
    return ended === 'now';
  }
}

/** The offer that a job is carried out on. */
export function offerOf(job: Pick<Job, 'id' | 'offers' | 'offer'>): JobOffer {
  const offer = job.offers[job.offer];
  if (offer === undefined) throw new Error(`Job ${job.id} has no offer ${job.offer}.`);
  return offer;
}

/** Only pictures are billed by the tokens of their prompt; that of a video need not be counted. */
function promptTokensOf({ kind, request, model }: Job): number {
  return kind === 'image' ? countTokens(request.prompt, model) : 0;
}

function finalEvent(job: Job, outcome: UsageOutcome, charge: JobCharge | undefined): UsageEvent {
  // A job whose offers cannot be read must be ended all the same.
  const offer = job.offers[job.offer];
  const isSent = job.attempt > 0;
  const isVideo = job.kind === 'video';
  return {
    attempt: job.attempt,
    isFinal: true,
    keyId: job.keyId,
    channelId: isSent ? offer?.channelId : undefined,
    model: job.model,
    upstreamModel: isSent ? offer?.upstreamModel : undefined,
    endpoint: job.endpoint,
    userIdentifier: job.userIdentifier,
    outcome,
    isEstimated: charge?.isEstimated,
    inputTokens: charge?.hasTokens === true && !isVideo ? charge.usage.inputTokens : undefined,
    outputTokens: charge?.hasTokens === true ? charge.usage.outputTokens : undefined,
    images: charge && !isVideo ? charge.usage.images : undefined,
    videoMs: charge && isVideo ? charge.usage.videoMs : undefined,
    durationMs: Date.now() - (job.sentAt ?? job.createdAt).getTime(),
    priceVersionId: charge && offer?.priceVersionId,
    purchaseVersionId: charge && (offer?.purchaseVersionId ?? undefined),
    cost: 0n,
    purchaseCost: charge?.purchaseCost,
  };
}

function failedEvent(
  job: Job,
  attempt: {
    readonly number: number;
    readonly channelId: string;
    readonly upstreamModel: string;
    readonly code: string;
  },
): UsageEvent {
  return {
    attempt: attempt.number,
    isFinal: false,
    keyId: job.keyId,
    channelId: attempt.channelId,
    model: job.model,
    upstreamModel: attempt.upstreamModel,
    endpoint: job.endpoint,
    userIdentifier: job.userIdentifier,
    outcome: 'failed',
    errorCode: attempt.code,
    cost: 0n,
  };
}
