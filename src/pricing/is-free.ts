import type { Price } from './price.js';

/** Whether nothing that a request does can cost anything. */
export function isFree(price: Price): boolean {
  const rates = [price.rates, ...price.tiers.map((tier) => tier.rates)].flatMap((each) =>
    Object.values<bigint>({ ...each }),
  );
  const others = [...price.images, ...price.videos].map((rate) => rate.price);
  const { perRequest, perAudioSecond, perMillionCharacters, perSearch } = price;
  return [...rates, ...others, perRequest, perAudioSecond, perMillionCharacters, perSearch].every(
    (amount) => amount === 0n,
  );
}
