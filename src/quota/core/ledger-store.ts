import type { NanoCredits } from '../../common/money.js';
import type { UsageEvent } from './usage-event.js';

/** What a hold is made for. */
export type HoldKind = 'sync' | 'stream' | 'video';

/** Ties a hold to an Idempotency-Key, in the transaction that makes it. */
export interface Claim {
  /** Method and path the key was sent to. */
  readonly route: string;
  readonly key: string;
  /** SHA-256 of what was asked, in hex. */
  readonly hash: string;
  readonly ttlSeconds: number;
}

/** Money to set aside. */
export interface Reservation {
  /** UUID as 32 hex digits, made by the caller: the same again is the same hold. */
  readonly holdId: string;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly kind: HoldKind;
  /** What is wanted. */
  readonly amount: NanoCredits;
  /** The least that is of use; with less the reservation is refused. At most `amount`. */
  readonly minimum: NanoCredits;
  readonly priceVersionId: string | null;
  /** For the usage event of a hold that is swept. */
  readonly model: string;
  readonly userIdentifier: string;
  readonly claim?: Claim;
}

/** Why nothing was set aside. */
export type ReserveRefusal =
  | 'balance_too_low'
  | 'account_not_active'
  | 'account_unknown'
  | 'key_budget_too_low'
  | 'claim_taken'
  | 'closed_before';

/** What became of a reservation. */
export type ReserveResult =
  | { readonly status: 'held'; readonly amount: NanoCredits }
  | { readonly status: 'refused'; readonly reason: ReserveRefusal };

/** More money for an open hold. */
export interface Extension {
  readonly holdId: string;
  readonly accountId: string;
  /** The hold's size as the caller knows it: an extension that was carried out before is recognised by it. */
  readonly from: NanoCredits;
  /** The most to add. */
  readonly extra: NanoCredits;
}

/** What became of an extension. `amount` is the hold's size now. */
export interface ExtendResult {
  readonly status: 'extended' | 'balance_too_low' | 'account_not_active' | 'key_budget_too_low' | 'closed' | 'unknown';
  readonly amount: NanoCredits;
}

/** The answer that an Idempotency-Key replays. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Encrypted, in hex; null where only the status is kept. */
  readonly body: string | null;
}

/** The end of a hold. */
export interface Settlement {
  readonly holdId: string;
  readonly accountId: string;
  /** What the request cost; 0 gives everything back. */
  readonly cost: NanoCredits;
  /** At least one, exactly one of them final; their costs sum up to `cost`. */
  readonly events: readonly UsageEvent[];
  /** The claim the hold was made with. Without an answer to keep, its key becomes free again. */
  readonly claim?: Claim;
  readonly answer?: StoredAnswer;
}

/** Result of a settlement in a batch; `slow` asks for {@link LedgerStore.settleSlow}. */
export type SettleCode = 'closed' | 'closed_before' | 'slow' | 'unknown';

/** What became of a settlement. `lost` is the part of the cost that the account could not pay. */
export interface SettleResult {
  readonly status: 'closed' | 'closed_before' | 'unknown';
  readonly charged: NanoCredits;
  readonly lost: NanoCredits;
}

/** How far an open hold is used up. */
export interface MeteredHold {
  readonly holdId: string;
  readonly metered: NanoCredits;
}

/** A hold that was closed because its owner went silent. */
export interface SweptHold {
  readonly holdId: string;
  readonly accountId: string;
  readonly amount: NanoCredits;
  readonly settled: NanoCredits;
  readonly kind: HoldKind;
}

/**
 * The ledger's memory: PostgreSQL in the service, a model of it in the simulation. Every call is one transaction, and repeating
 * one with the same ids changes nothing.
 *
 * All calls throw {@link LedgerStoreError}.
 */
export interface LedgerStore {
  /** @param isRetry true when an earlier call with some of these ids may have been carried out. */
  reserve(batch: readonly Reservation[], isRetry: boolean): Promise<readonly ReserveResult[]>;
  extend(extension: Extension): Promise<ExtendResult>;
  settle(batch: readonly Settlement[]): Promise<readonly SettleCode[]>;
  settleSlow(settlement: Settlement): Promise<SettleResult>;
  /** Extends leases and notes what is metered. Returns the ids of those that are no longer open. */
  heartbeat(holds: readonly MeteredHold[]): Promise<readonly string[]>;
  sweep(limit: number): Promise<readonly SweptHold[]>;
}

/**
 * Why a call of the store failed:
 * - `locked`: somebody else keeps a row locked; nothing was done.
 * - `conflict`: the transaction lost against another one; nothing was done, try again.
 * - `unavailable`: no answer; it may or may not have been done.
 * - `broken`: the store refuses what it was given; nothing was done and trying again is useless.
 */
export type LedgerStoreFault = 'locked' | 'conflict' | 'unavailable' | 'broken';

/** A failed call of the store. */
export class LedgerStoreError extends Error {
  override readonly name = 'LedgerStoreError';

  constructor(
    readonly fault: LedgerStoreFault,
    cause: unknown,
  ) {
    // Stacks in a log do not show causes, and the fault alone says nothing of what to repair.
    super([`The ledger's database call failed: ${fault}`, ...reasonsOf(cause)].join(': '), { cause });
  }
}

function reasonsOf(cause: unknown): string[] {
  return Error.isError(cause) ? [cause.message, ...reasonsOf(cause.cause)] : [];
}
