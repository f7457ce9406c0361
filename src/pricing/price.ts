import type { NanoCredits } from '../common/money.js';

/** Nano-credits per million tokens. */
export interface TokenRates {
  readonly input: NanoCredits;
  readonly cachedInput: NanoCredits;
  readonly cacheWrite: NanoCredits;
  readonly output: NanoCredits;
  readonly reasoning: NanoCredits;
}

/** Rates of a request with more prompt tokens than `aboveInputTokens`, for the whole of it. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  readonly rates: TokenRates;
}

/** Nano-credits per picture. What is undefined matches anything; texts are in lower case. */
export interface ImageRate {
  readonly size?: string;
  readonly quality?: string;
  readonly price: NanoCredits;
}

/** Nano-credits per second. What is undefined matches anything; texts are in lower case. */
export interface VideoRate {
  readonly resolution?: string;
  readonly hasAudio?: boolean;
  readonly price: NanoCredits;
}

/** Rates of tokens, by the length of the prompt. */
export interface TokenPrice {
  readonly rates: TokenRates;
  /** Longest prompts first. */
  readonly tiers: readonly PriceTier[];
}

/** A price ready to reckon with: exact, complete and frozen. Made by `parsePrice`. */
export interface Price extends TokenPrice {
  /** Rates of tokens in a service tier, complete, by its name; empty when there are none. */
  readonly serviceTiers: ReadonlyMap<string, TokenPrice>;
  readonly perRequest: NanoCredits;
  /** Of sound that is listened to. */
  readonly perAudioSecond: NanoCredits;
  /** Of text that is spoken. */
  readonly perMillionCharacters: NanoCredits;
  /** Of reranking. */
  readonly perSearch: NanoCredits;
  /** Most specific first, the last one matches every picture; empty when pictures as such cost nothing. */
  readonly images: readonly ImageRate[];
  /** Most specific first, the last one matches every video; empty when seconds as such cost nothing. */
  readonly videos: readonly VideoRate[];
}

/** A price that was set at some moment. Neither it nor its id ever changes: a new price is a new version. */
export interface PriceVersion {
  /** Row id in `price_version`, as a decimal string. */
  readonly id: string;
  readonly price: Price;
}
