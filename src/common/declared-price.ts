/** Credits per million tokens, as decimal strings with at most nine digits on each side of the point. */
export interface DeclaredRates {
  readonly inputPerMillion?: string;
  readonly outputPerMillion?: string;
  /** Prompt tokens read from a cache; as other input when left out. */
  readonly cachedInputPerMillion?: string;
  /** Prompt tokens written to a cache; as other input when left out. */
  readonly cacheWritePerMillion?: string;
  /** Hidden reasoning; as other output when left out. */
  readonly reasoningPerMillion?: string;
}

/** The price of a picture that matches in all that the entry names. */
export interface DeclaredImagePrice {
  /** Such as `1024x1024`. */
  readonly size?: string;
  /** Such as `hd`. */
  readonly quality?: string;
  readonly price: string;
}

/** The price of a second of a video that matches in all that the entry names. */
export interface DeclaredVideoPrice {
  /** Such as `720p`. */
  readonly resolution?: string;
  /** Whether it has sound. */
  readonly audio?: boolean;
  readonly price: string;
}

/** Rates of a request whose prompt is longer than this; they hold for the whole of it. */
export interface DeclaredTier extends DeclaredRates {
  readonly aboveInputTokens: number;
}

/**
 * Rates of a request that was served in a service tier of its vendor, such as `priority` or `flex`. What is not named is as in the price
 * itself.
 */
export interface DeclaredServiceTier extends DeclaredRates {
  /**
   * Rates of long prompts in this service tier, in place of the price's own. Left out: where the price has some, each rate is the dearer
   * of theirs and that of the service tier.
   */
  readonly tiers?: readonly DeclaredTier[];
}

/**
 * A price as people write it: in HUB_CONFIG, in the admin API, in the table `price_version`. Amounts are credits as decimal
 * strings. What is not named costs nothing; what is named adds up. Later versions add names; none is ever given another
 * meaning, and a hub that does not know a name refuses the price, so that nothing is sold below it.
 */
export interface DeclaredPrice extends DeclaredRates {
  readonly perRequest?: string;
  /** One price, or a list with exactly one entry that names neither size nor quality, for all other pictures. */
  readonly perImage?: string | readonly DeclaredImagePrice[];
  /** One price, or a list with exactly one entry that names neither resolution nor audio, for all other videos. */
  readonly perVideoSecond?: string | readonly DeclaredVideoPrice[];
  /** A second of sound that is listened to. */
  readonly perAudioSecond?: string;
  /** A million characters (Unicode code points) that are spoken. */
  readonly perMillionCharacters?: string;
  /** A search, as vendors of reranking count them. */
  readonly perSearch?: string;
  /** What a tier does not name is as in the price itself. */
  readonly tiers?: readonly DeclaredTier[];
  /** By the name that requests and answers have for it, such as `priority`. A request in any other costs what the price itself says. */
  readonly serviceTiers?: Readonly<Record<string, DeclaredServiceTier>>;
}
