import type { LimitSubject } from '../limits/limit-subject.js';
import type { PriceTable } from '../pricing/price-table.js';
import type { Claim, HoldKind } from '../quota/core/ledger-store.js';

/** Who pays for a request. */
export interface Payer {
  readonly accountId: string;
  readonly keyId: string;
  /** Factor on every selling price, in millionths. */
  readonly multiplierMillionths: bigint;
  /** Limits of the key and of the account. */
  readonly limits: readonly LimitSubject[];
}

/** What an answer may grow to. */
export type OutputBound =
  /** `cap` is what the caller allows each of the choices; undefined when it said nothing. */
  | { readonly kind: 'tokens'; readonly cap?: number; readonly choices: number }
  | { readonly kind: 'images'; readonly count: number; readonly size?: string; readonly quality?: string }
  /**
   * Sound that is listened to. `ms` is its length as far as the hub knows it, `msMax` the most it can be, both in milliseconds.
   */
  | { readonly kind: 'sound'; readonly ms: number; readonly msMax: number }
  /** A text that is spoken. `speedPercent`: 100 is the usual speed. */
  | { readonly kind: 'speech'; readonly characters: number; readonly speedPercent: number }
  /** `count` as the hub counts them, `countMax` as an upstream may. */
  | { readonly kind: 'searches'; readonly count: number; readonly countMax: number }
  /** The answer itself costs nothing, as with embeddings. */
  | { readonly kind: 'none' };

/** One way to serve an order; it decides the price. */
export interface OrderRoute {
  /** Public name. */
  readonly model: string;
  readonly channelId: string;
}

/** A validated request, as far as its bill is concerned. */
export interface Order {
  /** `req_` and 32 hex digits; these are the id of the hold. */
  readonly requestId: string;
  readonly payer: Payer;
  /** Public name. */
  readonly model: string;
  /** Limits of the model. */
  readonly modelLimits?: LimitSubject;
  /** Cap that is sent upstream when the caller gave none and the answer is not streamed. */
  readonly outputTokensDefault: number;
  /** Such as `chat/completions`; for the usage event. */
  readonly endpoint: string;
  readonly kind: HoldKind;
  /** What may serve it: the model's own channels, and those of its fallbacks. */
  readonly routes: readonly OrderRoute[];
  /** The prices of this moment; later ones do not touch the request. */
  readonly prices: PriceTable;
  readonly promptTokens: number;
  readonly output: OutputBound;
  /** Service tier that is asked for, other than the usual one; undefined where none is. Which prices have it is another matter. */
  readonly serviceTier?: string;
  /** The caller's own name for its user; '' for none. */
  readonly userIdentifier: string;
  readonly claim?: Claim;
}
