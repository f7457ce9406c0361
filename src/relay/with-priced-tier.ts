import { JsonSource } from '../common/json-source.js';
import { askedTier } from '../pricing/service-tier.js';
import type { ChatRequest } from '../providers/canonical/chat.js';

/** A request as it may be sent, as far as its service tier is concerned. */
export interface TieredRequest {
  readonly request: ChatRequest;
  /** What it asks for, other than the usual one. */
  readonly serviceTier: string | undefined;
  /** It asked for one that has no price, and asks for none any more. */
  readonly isDropped: boolean;
}

/**
 * Takes a service tier out of a request that nobody has said the price of: it would be billed to the operator by other rates than to the
 * caller.
 * @param isPriced whether the model's price on this channel has a service tier.
 */
export function withPricedTier(request: ChatRequest, isPriced: (serviceTier: string) => boolean): TieredRequest {
  const { source } = request;
  const serviceTier = askedTier(source.value['service_tier']);
  if (serviceTier === undefined || isPriced(serviceTier)) return { request, serviceTier, isDropped: false };
  const plain = { ...request, source: JsonSource.parse(source.splice({ service_tier: undefined })) };
  return { request: plain, serviceTier: undefined, isDropped: true };
}
