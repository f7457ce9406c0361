import type { NanoCredits } from './money.js';

const DECIMALS = 9;
const NANO_PER_CREDIT = 10n ** BigInt(DECIMALS);

/** The most an account, and so any amount, can be: what the database's bigint holds. */
export const AMOUNT_MAX: NanoCredits = 2n ** 63n - 1n;

/** An amount as a decimal string of credits, exact and without trailing zeros: `12`, `0.05`, `-3.000000001`. */
export function formatCredits(amount: NanoCredits): string {
  const size = amount < 0n ? -amount : amount;
  const fraction = String(size % NANO_PER_CREDIT)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${size / NANO_PER_CREDIT}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Reads a decimal string of credits, such as `12`, `0.05` or `-3`, with at most nine decimals.
 *
 * @returns undefined for anything else, and for more than {@link AMOUNT_MAX} either way.
 */
export function parseCredits(text: string): NanoCredits | undefined {
  const match = /^(-?)(0|[1-9][0-9]{0,10})(?:\.([0-9]{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const size = BigInt(whole) * NANO_PER_CREDIT + BigInt(fraction.padEnd(DECIMALS, '0'));
  if (size > AMOUNT_MAX) return undefined;
  return sign === '-' ? -size : size;
}
