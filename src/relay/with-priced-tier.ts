import { JsonSource } from '../common/json-source.js';
import { askedTier } from '../pricing/service-tier.js';
import type { UpstreamBody } from '../providers/provider.js';

/** The member of a body that asks for one, and the name it is reported by. */
export const SERVICE_TIER = 'service_tier';

type Request = { readonly source: JsonSource };

/** A request as it may be sent, as far as its service tier is concerned. */
export interface TieredRequest<R extends Request> {
  readonly request: R;
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
export function withPricedTier<R extends Request>(
  request: R,
  isPriced: (serviceTier: string) => boolean,
): TieredRequest<R> {
  const { source } = request;
  const serviceTier = askedTier(source.value[SERVICE_TIER]);
  if (serviceTier === undefined || isPriced(serviceTier)) return { request, serviceTier, isDropped: false };
  const plain = { ...request, source: JsonSource.parse(source.splice({ [SERVICE_TIER]: undefined })) };
  return { request: plain, serviceTier: undefined, isDropped: true };
}

/**
 * What goes upstream of a request whose answer is not read for its service tier: it asks for none but the usual one.
 * @param toBody says it in the words of the upstream.
 */
export function inUsualTier<R extends Request>(request: R, toBody: (plain: R) => UpstreamBody): UpstreamBody {
  const { request: plain, isDropped } = withPricedTier(request, () => false);
  return withDropped(toBody(plain), isDropped ? [SERVICE_TIER] : []);
}

/** A body that tells the caller of more that was left out of it. */
export function withDropped(body: UpstreamBody, names: readonly string[]): UpstreamBody {
  return names.length === 0 ? body : { ...body, droppedParams: [...new Set([...body.droppedParams, ...names])] };
}
