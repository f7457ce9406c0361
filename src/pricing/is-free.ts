import type { Price } from './price.js';
import { tokenRatesIn } from './token-rates-of.js';

/** Whether nothing that a request does can cost anything, in the usual service tier. */
export function isFree(price: Price): boolean {
  const rates = tokenRatesIn(price, undefined).flatMap((each) => Object.values<bigint>({ ...each }));
  const others = [...price.images, ...price.videos].map((rate) => rate.price);
  const { perRequest, perAudioSecond, perMillionCharacters, perSearch } = price;
  return [...rates, ...others, perRequest, perAudioSecond, perMillionCharacters, perSearch].every(
    (amount) => amount === 0n,
  );
}
