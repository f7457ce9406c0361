import { NO_USAGE } from '../pricing/billable-usage.js';
import { costOf, MULTIPLIER_ONE } from '../pricing/cost-of.js';
import { isFree } from '../pricing/is-free.js';
import type { Price } from '../pricing/price.js';
import type { PriceTable } from '../pricing/price-table.js';
import type { Candidate } from './candidate.js';
import { imageWayOf } from './image-way.js';

/** The operations of requests that are answered at once. */
export type OperationName =
  | 'chat'
  | 'embeddings'
  | 'images'
  | 'imageEdits'
  | 'completions'
  | 'moderations'
  | 'transcriptions'
  | 'speech'
  | 'rerank';

/** A provider may have both others and tasks, and then tell them apart by the model alone. */
const PICTURE_OPERATIONS: ReadonlySet<OperationName> = new Set(['images', 'imageEdits']);

const ONE_TOKEN_EACH = { ...NO_USAGE, inputTokens: 1, outputTokens: 1 };

/** Whether a candidate's provider has an operation for its model; pictures also where they are made as tasks. */
export function offersOperation(candidate: Pick<Candidate, 'provider' | 'target'>, operation: OperationName): boolean {
  if (operation === 'images') return imageWayOf(candidate) !== undefined;
  return candidate.provider[operation] !== undefined;
}

/** The candidates that offer an operation. @param makesVideos whether a candidate's model is one for videos. */
export function ableCandidates(
  candidates: readonly Candidate[],
  operation: OperationName,
  makesVideos: (candidate: Candidate) => boolean,
): readonly Candidate[] {
  const offering = candidates.filter((candidate) => offersOperation(candidate, operation));
  if (PICTURE_OPERATIONS.has(operation)) return offering;
  return offering.filter((candidate) => !makesVideos(candidate) && imageWayOf(candidate)?.kind !== 'task');
}

/**
 * Whether callers can be charged for an operation. Pictures may be made by a model of films, whose price then says nothing of them: that
 * is no gift, but no price.
 */
export function isPricedFor(price: Price | undefined, operation: OperationName | undefined): boolean {
  if (price === undefined) return false;
  if (operation === undefined || !PICTURE_OPERATIONS.has(operation)) return true;
  return price.images.length > 0 || isFree(price) || costOf(price, ONE_TOKEN_EACH, MULTIPLIER_ONE) > 0n;
}

/** The candidates that callers can be charged for; without a price nobody is served. @param operation undefined for videos. */
export function pricedCandidates(
  candidates: readonly Candidate[],
  prices: PriceTable,
  operation: OperationName | undefined,
): readonly Candidate[] {
  return candidates.filter(({ channel, target }) =>
    isPricedFor(prices.selling(target.publicModel, channel.id)?.price, operation),
  );
}
