import type { Price } from './price.js';

/** Whether nothing that a request does can cost anything. */
export function isFree(price: Price): boolean {
  const rates = [price.rates, ...price.tiers.map((tier) => tier.rates)].flatMap((each) =>
    Object.values<bigint>({ ...each }),
  );
  const others = [...price.images, ...price.videos].map((rate) => rate.price);
  return [...rates, ...others, price.perRequest].every((amount) => amount === 0n);
}
