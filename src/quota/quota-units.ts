import { NANO_PER_QUOTA_UNIT, type NanoCredits } from '../common/money.js';

/** What an account's counters say, in nano-credits. */
export interface AccountFigures {
  /** Everything that was ever put in. */
  readonly creditsPosted: NanoCredits;
  /** Everything that was ever taken out. */
  readonly debitsPosted: NanoCredits;
  /** Money of open holds. */
  readonly debitsPending: NanoCredits;
  /** What requests cost, less refunds. */
  readonly usedPosted: NanoCredits;
}

/** What the public API says of an account. */
export interface PublicQuota<Amount = bigint> {
  readonly total: Amount;
  readonly used: Amount;
  readonly remaining: Amount;
  readonly held: Amount;
}

/** The exact amounts: `total = used + remaining`; open holds are still part of `remaining`. */
export function exactQuota({
  creditsPosted,
  debitsPosted,
  debitsPending,
  usedPosted,
}: AccountFigures): PublicQuota<NanoCredits> {
  const remaining = creditsPosted - debitsPosted;
  return { total: remaining + usedPosted, used: usedPosted, remaining, held: debitsPending };
}

/** The same in whole public units. What is gone is rounded up and what is left down, so nobody counts on half a unit. */
export function quotaInUnits(figures: AccountFigures): PublicQuota {
  const exact = exactQuota(figures);
  const used = unitsUp(exact.used);
  const remaining = unitsDown(exact.remaining);
  return { total: used + remaining, used, remaining, held: unitsUp(exact.held) };
}

/** Whole units in an amount, rounded down (towards minus infinity). */
export function unitsDown(amount: NanoCredits): bigint {
  const whole = amount / NANO_PER_QUOTA_UNIT;
  return amount < 0n && amount % NANO_PER_QUOTA_UNIT !== 0n ? whole - 1n : whole;
}

/** Whole units that an amount takes, rounded up. */
export function unitsUp(amount: NanoCredits): bigint {
  return -unitsDown(-amount);
}
