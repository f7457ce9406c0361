import { modelTypeOf } from '../../capabilities/model-type.js';
import { formatCredits } from '../../common/credits.js';
import type { DeclaredImagePrice, DeclaredPrice } from '../../common/declared-price.js';
import type { Provider } from '../../providers/provider.js';
import { type Fraction, multiply, timesUp } from './fraction.js';

const NANO_PER_CREDIT = 1_000_000_000n;
/** Sizes of DALL-E that cost something else than its price: https://github.com/QuantumNous/new-api, dto/openai_image.go */
const DALL_E_SIZES: Readonly<Record<string, Fraction>> = {
  '256x256': { numerator: 2n, denominator: 5n },
  '512x512': { numerator: 9n, denominator: 20n },
  '1024x1792': { numerator: 2n, denominator: 1n },
  '1792x1024': { numerator: 2n, denominator: 1n },
};
const TWICE: Fraction = { numerator: 2n, denominator: 1n };
/** In a large size `hd` costs half as much again. */
const HALF_MORE: Fraction = { numerator: 3n, denominator: 2n };
/** Of the sizes 1792x1024 and 1024x1792 of Sora: https://github.com/QuantumNous/new-api, relay/channel/task/sora */
const SORA_LARGE: Fraction = { numerator: 1_666_667n, denominator: 1_000_000n };

/** A model that is sold by the call. */
export interface CalledModel {
  /** As callers name it. */
  readonly name: string;
  readonly upstreamModel: string;
  /** Who serves it. */
  readonly provider: Provider | undefined;
}

/** A price by the call in the terms of the hub, and what of it is not exact. */
export interface CallPrice {
  readonly price: DeclaredPrice;
  readonly inexact?: string;
}

/**
 * What ModelPrice is here. new-api multiplies it by the number of pictures, for DALL-E also by size and quality, for Sora by the
 * seconds; for all else it is the price of a request.
 *
 * @param dollars US dollars, which are credits.
 */
export function priceOfCall({ name, upstreamModel, provider }: CalledModel, dollars: Fraction): CallPrice {
  const price = (factor?: Fraction) =>
    formatCredits(timesUp(factor === undefined ? dollars : multiply(dollars, factor), NANO_PER_CREDIT));
  if (/^dall-e-[23]/.test(name)) return { price: { perImage: pricesOfDallE(name, price) } };
  if (/^sora-/.test(name))
    return { price: { perVideoSecond: [{ resolution: '1024p', price: price(SORA_LARGE) }, { price: price() }] } };
  if (provider?.video?.modelOf(upstreamModel) !== undefined) {
    const inexact = 'costs this a video; some versions of new-api multiply it by the seconds or the size';
    return { price: { perRequest: price() }, inexact };
  }
  if (modelTypeOf(upstreamModel) !== 'image') return { price: { perRequest: price() } };
  // Of those that chat as well, an answer is what costs this there.
  if (/gemini|gpt-4o|banana/.test(upstreamModel)) {
    return { price: { perRequest: price() }, inexact: 'costs this a request, also where that makes several pictures' };
  }
  return { price: { perImage: price() } };
}

function pricesOfDallE(name: string, price: (factor?: Fraction) => string): readonly DeclaredImagePrice[] {
  const isNewer = name.startsWith('dall-e-3');
  const sizes = Object.entries(DALL_E_SIZES).map(([size, factor]) => ({ size, price: price(factor) }));
  if (!isNewer) return [...sizes, { price: price() }];
  const hd = Object.entries(DALL_E_SIZES).map(([size, factor]) => {
    const isLarge = size.length > '512x512'.length;
    return { size, quality: 'hd', price: price(multiply(factor, isLarge ? HALF_MORE : TWICE)) };
  });
  return [...hd, ...sizes, { quality: 'hd', price: price(TWICE) }, { price: price() }];
}
