import type { PriceTable } from '../pricing/price-table.js';
import type { Candidate } from './candidate.js';

/** The operations of requests that are answered at once. */
export type OperationName = 'chat' | 'embeddings' | 'images' | 'imageEdits';

/** A provider may have both these and videos, and then tell them apart by the model alone. */
const TEXT_OPERATIONS: ReadonlySet<OperationName> = new Set(['chat', 'embeddings']);

/** The candidates that offer an operation. @param makesVideos whether a candidate's model is one for videos. */
export function ableCandidates(
  candidates: readonly Candidate[],
  operation: OperationName,
  makesVideos: (candidate: Candidate) => boolean,
): readonly Candidate[] {
  const offering = candidates.filter((candidate) => candidate.provider[operation] !== undefined);
  return TEXT_OPERATIONS.has(operation) ? offering.filter((candidate) => !makesVideos(candidate)) : offering;
}

/** The candidates that callers can be charged for; without a price nobody is served. */
export function pricedCandidates(candidates: readonly Candidate[], prices: PriceTable): readonly Candidate[] {
  return candidates.filter(({ channel, target }) => prices.selling(target.publicModel, channel.id) !== undefined);
}
