import type { PriceVersion } from '../pricing/price.js';

/** A service tier, if one of the prices has rates for it: for the others it is the usual one. */
export function tierIn(
  serviceTier: string | undefined,
  ...versions: readonly (PriceVersion | undefined)[]
): string | undefined {
  if (serviceTier === undefined) return undefined;
  return versions.some((version) => version?.price.serviceTiers.has(serviceTier)) ? serviceTier : undefined;
}
