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

/** The candidates that callers can be charged for; without a price nobody is served. */
export function pricedCandidates(candidates: readonly Candidate[], prices: PriceTable): readonly Candidate[] {
  return candidates.filter(({ channel, target }) => prices.selling(target.publicModel, channel.id) !== undefined);
}
