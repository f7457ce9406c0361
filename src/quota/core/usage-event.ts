import type { NanoCredits } from '../../common/money.js';

/** How an attempt, or with the final one the request, ended. `overrun`, `swept` and `late` are the ledger's own words. */
export type UsageOutcome =
  | 'done'
  | 'failed'
  | 'client_gone'
  | 'shutdown'
  | 'cancelled'
  | 'insufficient_quota'
  | 'overrun'
  | 'swept'
  | 'late';

/** One attempt at an upstream, as it goes into the books. Counts that are not known are left out, never 0. */
export interface UsageEvent {
  /** Counts from 1; 0 is the event of a request that never reached an upstream. */
  readonly attempt: number;
  /** The attempt that ended the request; it carries the cost. */
  readonly isFinal: boolean;
  readonly keyId: string | null;
  readonly channelId?: string;
  readonly model: string;
  readonly upstreamModel?: string;
  readonly endpoint: string;
  readonly userIdentifier: string;
  readonly outcome: UsageOutcome;
  readonly errorCode?: string;
  /** Counts are the hub's own, because the upstream said nothing usable. */
  readonly isEstimated?: boolean;
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  readonly images?: number;
  readonly videoMs?: number;
  /** Sound that was listened to. */
  readonly audioMs?: number;
  /** Of text that was spoken. */
  readonly characters?: number;
  /** Of reranking. */
  readonly searches?: number;
  /** Service tier by whose rates it was charged, or its purchase cost reckoned; undefined for the usual one. */
  readonly serviceTier?: string;
  readonly durationMs?: number;
  readonly firstTokenMs?: number;
  /** HTTP status of the upstream's answer; undefined when none came. */
  readonly upstreamStatus?: number;
  /** It went on with an answer that had broken off at another channel. */
  readonly isResume?: boolean;
  readonly priceVersionId?: string;
  readonly purchaseVersionId?: string;
  readonly cost: NanoCredits;
  /** What the operator pays the provider; undefined when no purchase price is known. */
  readonly purchaseCost?: NanoCredits;
}
