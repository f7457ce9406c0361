import type { NanoCredits } from '../common/money.js';

const CREDITS = /^(\d{1,9})(?:\.(\d{1,9}))?$/;
const NANO_PER_CREDIT = 1_000_000_000n;
const NANO_DIGITS = 9;

/** Whether this is an amount of credits: a decimal string with at most nine digits on each side of the point. */
export function isCredits(value: unknown): value is string {
  return typeof value === 'string' && CREDITS.test(value);
}

/**
 * Credits to nano-credits, exactly.
 * @throws RangeError for anything {@link isCredits} refuses.
 */
export function parseCredits(text: string): NanoCredits {
  const [, whole, fraction = ''] = CREDITS.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`Not an amount of credits: ${text}`);
  return BigInt(whole) * NANO_PER_CREDIT + BigInt(fraction.padEnd(NANO_DIGITS, '0'));
}
