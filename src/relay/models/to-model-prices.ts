import { formatCredits } from '../../common/credits.js';
import type { NanoCredits } from '../../common/money.js';
import type { Price, TokenPrice, TokenRates } from '../../pricing/price.js';
import { timesMultiplier } from '../../pricing/times-multiplier.js';

/** Rates of tokens, in credits for a million. */
interface ModelRates {
  readonly input_per_million: string;
  readonly cached_input_per_million: string;
  readonly cache_write_per_million: string;
  readonly output_per_million: string;
  readonly reasoning_per_million: string;
}

/** The same by the length of the prompt. */
interface TokenPrices extends Partial<ModelRates> {
  /** Rates of the whole request once its prompt is longer; longest first. */
  readonly tiers?: readonly (ModelRates & { readonly above_input_tokens: number })[];
}

/** What a caller pays for a model, in credits as decimal strings; all that applies adds up, and what is left out costs nothing. */
export interface ModelPrices extends TokenPrices {
  readonly currency: 'credits';
  /** Rates in a service tier, by its name, complete; a request in any other pays those above. */
  readonly service_tiers?: Readonly<Record<string, TokenPrices>>;
  /** Each picture, by the first entry that fits; what an entry leaves out fits anything. */
  readonly images?: readonly { readonly size?: string; readonly quality?: string; readonly price: string }[];
  /** Each second of video, by the first entry that fits. */
  readonly video_seconds?: readonly {
    readonly resolution?: string;
    readonly audio?: boolean;
    readonly price: string;
  }[];
  /** Each second of sound that is listened to. */
  readonly per_audio_second?: string;
  /** A million characters that are spoken. */
  readonly per_million_characters?: string;
  /** Each search of a reranking. */
  readonly per_search?: string;
  readonly per_request?: string;
}

/** @param multiplierMillionths factor of the caller's account group. */
export function toModelPrices(price: Price, multiplierMillionths: bigint): ModelPrices {
  const shown = (amount: NanoCredits): string => formatCredits(timesMultiplier(amount, multiplierMillionths));
  const toRates = (rates: TokenRates): ModelRates => ({
    input_per_million: shown(rates.input),
    cached_input_per_million: shown(rates.cachedInput),
    cache_write_per_million: shown(rates.cacheWrite),
    output_per_million: shown(rates.output),
    reasoning_per_million: shown(rates.reasoning),
  });
  const toTokens = ({ rates, tiers }: TokenPrice): TokenPrices => ({
    ...toRates(rates),
    ...(tiers.length > 0 && {
      tiers: tiers.map((tier) => ({ above_input_tokens: tier.aboveInputTokens, ...toRates(tier.rates) })),
    }),
  });
  const { rates, tiers, serviceTiers, images, videos, perAudioSecond, perMillionCharacters, perSearch, perRequest } =
    price;
  const hasRates = tiers.length > 0 || Object.values(rates).some((rate) => rate !== 0n);
  return {
    currency: 'credits',
    ...(hasRates && toTokens(price)),
    ...(serviceTiers.size > 0 && {
      service_tiers: Object.fromEntries([...serviceTiers].map(([name, each]) => [name, toTokens(each)])),
    }),
    ...(images.length > 0 && {
      images: images.map(({ size, quality, price: each }) => ({ size, quality, price: shown(each) })),
    }),
    ...(videos.length > 0 && {
      video_seconds: videos.map(({ resolution, hasAudio, price: each }) => ({
        resolution,
        audio: hasAudio,
        price: shown(each),
      })),
    }),
    ...(perAudioSecond !== 0n && { per_audio_second: shown(perAudioSecond) }),
    ...(perMillionCharacters !== 0n && { per_million_characters: shown(perMillionCharacters) }),
    ...(perSearch !== 0n && { per_search: shown(perSearch) }),
    ...(perRequest !== 0n && { per_request: shown(perRequest) }),
  };
}
