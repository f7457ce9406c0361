import { formatCredits } from '../common/credits.js';
import type { NanoCredits } from '../common/money.js';
import type { Price } from '../pricing/price.js';
import { timesMultiplier } from '../pricing/times-multiplier.js';

/** What videos of a model cost, in credits as decimal strings; all that is not zero adds up. */
export interface ShownPrice {
  /** A second of each video, by the first entry that fits; null fits everything. */
  readonly perSecond: readonly {
    readonly resolution: string | null;
    readonly audio: boolean | null;
    readonly price: string;
  }[];
  /** Each request, however long its videos are. */
  readonly perRequest: string;
  /** A million tokens, for vendors that bill videos by them. */
  readonly perMillionTokens: string;
}

/** @param multiplierMillionths factor of the caller's account group; the prices shown are those the caller pays. */
export function toShownPrice(price: Price, multiplierMillionths: bigint): ShownPrice {
  const shown = (amount: NanoCredits): string => formatCredits(timesMultiplier(amount, multiplierMillionths));
  return {
    perSecond: price.videos.map((rate) => ({
      resolution: rate.resolution ?? null,
      audio: rate.hasAudio ?? null,
      price: shown(rate.price),
    })),
    perRequest: shown(price.perRequest),
    perMillionTokens: shown(price.rates.output),
  };
}
