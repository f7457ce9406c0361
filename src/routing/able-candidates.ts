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
 * Whether callers can be charged for an operation. A price may say nothing of it: that of films of pictures, that of searches of the text
 * that the same model writes. That is no gift, but no price.
 * @param operation undefined for videos.
 */
export function isPricedFor(price: Price | undefined, operation: OperationName | undefined): boolean {
  if (price === undefined) return false;
  if (operation === undefined) return true;
  // Tokens are counted for each of them, and so is the request.
  const { input, output } = price.rates;
  if (input > 0n || output > 0n || price.perRequest > 0n) return true;
  return (
    hasUnitOf(price, operation) ||
    price.tiers.some(({ rates }) => rates.input > 0n || rates.output > 0n) ||
    isFree(price)
  );
}

/** Whether a price names what else an operation is paid by. */
function hasUnitOf(price: Price, operation: OperationName): boolean {
  switch (operation) {
    case 'chat':
    case 'images':
    case 'imageEdits':
      return price.images.length > 0;
    case 'transcriptions':
      return price.perAudioSecond > 0n;
    case 'speech':
      return price.perMillionCharacters > 0n;
    case 'rerank':
      return price.perSearch > 0n;
    case 'embeddings':
    case 'completions':
    case 'moderations':
      return false;
  }
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
