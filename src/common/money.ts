/**
 * An amount of money in nano-credits (1 credit = 10^9 nano-credits, 1 credit = 1 USD unless the operator says otherwise).
 * Always an integer; APIs carry it as a decimal string.
 */
export type NanoCredits = bigint;

/** Nano-credits in one public quota unit: 1 credit = 1000 units, as the public API document counts. */
export const NANO_PER_QUOTA_UNIT = 1_000_000n;
