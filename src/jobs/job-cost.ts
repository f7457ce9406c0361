import { boundedCost } from '../billing/bounded-cost.js';
import type { NanoCredits } from '../common/money.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';
import type { TaskUsage } from '../providers/canonical/video.js';
import type { JobKind, JobOffer, JobRequest } from './job.js';

const MS_PER_SECOND = 1000;

/** What a job makes, as far as it costs something. */
export type JobTerms = Pick<JobOffer, 'durationSeconds' | 'resolution' | 'hasAudio' | 'outputTokens'>;

/** What is charged for a job, and what it costs the operator. */
export interface JobCharge {
  readonly usage: BillableUsage;
  /** The upstream did not say what it made, so what was asked for counts. */
  readonly isEstimated: boolean;
  readonly cost: NanoCredits;
  readonly purchaseCost: NanoCredits | undefined;
}

/** The most that a job may use: all of what is asked for. */
export function askedUsage(kind: JobKind, request: JobRequest, terms: JobTerms): BillableUsage {
  if (kind === 'image') {
    return { ...NO_USAGE, images: request.count, imageSize: request.size, imageQuality: request.quality };
  }
  return {
    ...NO_USAGE,
    videoMs: terms.durationSeconds * request.count * MS_PER_SECOND,
    videoResolution: terms.resolution,
    hasAudio: terms.hasAudio,
    outputTokens: terms.outputTokens ?? 0,
  };
}

/** What is set aside for a job on one offer. */
export function holdOf(price: Price, usage: BillableUsage, multiplierMillionths: bigint): NanoCredits {
  return boundedCost(price, usage, multiplierMillionths);
}

/**
 * What a job costs that has succeeded: what the upstream says it made, but never more than what was asked for, at the price it
 * was taken on at.
 *
 * @param made number of results.
 */
export function chargeOf(
  asked: BillableUsage,
  reported: TaskUsage,
  made: number,
  {
    selling,
    purchase,
    multiplierMillionths,
    held,
  }: {
    readonly selling: Price;
    readonly purchase: Price | undefined;
    readonly multiplierMillionths: bigint;
    readonly held: NanoCredits;
  },
): JobCharge {
  const usage = {
    ...asked,
    images: Math.min(asked.images, made),
    videoMs: atMost(reported.videoMs, asked.videoMs),
    outputTokens: atMost(reported.outputTokens, asked.outputTokens),
  };
  const cost = boundedCost(selling, usage, multiplierMillionths);
  const isVideo = asked.videoMs > 0;
  return {
    usage,
    isEstimated: isVideo && reported.videoMs === undefined && reported.outputTokens === undefined,
    cost: cost < held ? cost : held,
    purchaseCost: purchase && boundedCost(purchase, usage, MULTIPLIER_ONE),
  };
}

/** A count of an upstream, as far as it can be believed. */
function atMost(reported: number | undefined, asked: number): number {
  return reported !== undefined && Number.isSafeInteger(reported) && reported > 0 ? Math.min(reported, asked) : asked;
}
