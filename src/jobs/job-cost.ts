import { boundedCost } from '../billing/bounded-cost.js';
import { imageOutputTokens } from '../billing/image-output-tokens.js';
import type { NanoCredits } from '../common/money.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';
import type { TaskUsage } from '../providers/canonical/video.js';
import type { JobKind, JobOffer, JobRequest } from './job.js';

const MS_PER_SECOND = 1000;
const OWN_TOKENS_MAX = 64;
/** Of a picture that is looked at: gpt-image-1 counts most, up to 6,144 for its details besides its tiles. */
const PICTURE_TOKENS_MAX = 8_192;

/** What a job makes, as far as it costs something. */
export type JobTerms = Pick<JobOffer, 'durationSeconds' | 'resolution' | 'hasAudio' | 'outputTokens'>;

/** What is charged for a job, and what it costs the operator. */
export interface JobCharge {
  readonly usage: BillableUsage;
  /** The upstream did not say what it made, so what was asked for counts. */
  readonly isEstimated: boolean;
  /** Tokens count, because the upstream reports them or the price asks for them. */
  readonly hasTokens: boolean;
  readonly cost: NanoCredits;
  readonly purchaseCost: NanoCredits | undefined;
}

/** The most that a job may use: all of what is asked for. */
export function askedUsage(kind: JobKind, request: JobRequest, terms: JobTerms): BillableUsage {
  if (kind === 'image') {
    const { prompt, negativePrompt = '', image, count, size, quality } = request;
    return {
      ...NO_USAGE,
      images: count,
      imageSize: size,
      imageQuality: quality,
      // No token is shorter than a byte, and vendors add a few of their own.
      inputTokens:
        Buffer.byteLength(prompt) +
        Buffer.byteLength(negativePrompt) +
        OWN_TOKENS_MAX +
        (image === undefined ? 0 : PICTURE_TOKENS_MAX),
      outputTokens: count * imageOutputTokens(size, quality),
    };
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

/** What came of a job, as far as the hub sees it. */
export interface JobMade {
  /** Number of results; where the upstream does not say what they amount to, each counts as one of those wanted. */
  readonly made: number;
  readonly wanted: number;
  /** The hub's own count of the prompt, for an upstream that bills by tokens and does not say how many. */
  readonly promptTokens: number;
}

/**
 * What a job costs that has succeeded: what the upstream says it made, but never more than what was asked for, at the price it
 * was taken on at.
 */
export function chargeOf(
  asked: BillableUsage,
  reported: TaskUsage,
  { made, wanted, promptTokens }: JobMade,
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
  const shareOf = (all: number): number => Math.ceil((all * Math.min(made, wanted)) / wanted);
  const videoMs = isCount(reported.videoMs) ? reported.videoMs : undefined;
  const outputTokens = isCount(reported.outputTokens) ? reported.outputTokens : undefined;
  const inputTokens = isCount(reported.inputTokens) ? reported.inputTokens : undefined;
  const usage = {
    ...asked,
    inputTokens: Math.min(inputTokens ?? promptTokens, asked.inputTokens),
    images: Math.min(asked.images, made),
    videoMs: Math.min(videoMs ?? shareOf(asked.videoMs), asked.videoMs),
    outputTokens: Math.min(outputTokens ?? shareOf(asked.outputTokens), asked.outputTokens),
  };
  const cost = boundedCost(selling, usage, multiplierMillionths);
  const isVideo = asked.videoMs > 0;
  const isByToken = selling.rates.input > 0n || selling.rates.output > 0n;
  return {
    usage,
    isEstimated: outputTokens === undefined && (isByToken || (isVideo && videoMs === undefined)),
    hasTokens: outputTokens !== undefined || isByToken,
    cost: cost < held ? cost : held,
    purchaseCost: purchase && boundedCost(purchase, usage, MULTIPLIER_ONE),
  };
}

/** Whether a count of an upstream can be believed. */
function isCount(reported: number | undefined): reported is number {
  return Number.isSafeInteger(reported) && Number(reported) > 0;
}
