import { AMOUNT_MAX, formatCredits, parseCredits } from '../common/credits.js';
import { NANO_PER_QUOTA_UNIT, type NanoCredits } from '../common/money.js';
import { UsageError } from './command.js';

/** The options of an amount, for `parseArguments`. */
export const AMOUNT_OPTIONS = { units: { type: 'string' }, credits: { type: 'string' } } as const;

/**
 * Reads an amount from `--units` (whole quota units) or `--credits` (up to nine decimals), one of which must be given.
 *
 * @param sign `positive`: more than zero; `any`: also less, but not zero.
 * @throws UsageError saying what the option takes.
 */
export function parseAmount(
  { units, credits }: Readonly<{ units?: string; credits?: string }>,
  sign: 'positive' | 'any' = 'positive',
): NanoCredits {
  if ((units === undefined) === (credits === undefined)) throw new UsageError('give either --units or --credits');
  const amount = units === undefined ? parseCredits(credits ?? '') : parseUnits(units);
  const isGood = amount !== undefined && amount !== 0n && (sign === 'any' || amount > 0n);
  if (!isGood) throw new UsageError(units === undefined ? creditsRule(sign) : unitsRule(sign));
  return amount;
}

/** An amount for people, in both words: `5000 units (5 credits)`. */
export function describeAmount(amount: NanoCredits): string {
  const credits = `${formatCredits(amount)} credits`;
  return amount % NANO_PER_QUOTA_UNIT === 0n ? `${amount / NANO_PER_QUOTA_UNIT} units (${credits})` : credits;
}

function parseUnits(text: string): NanoCredits | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined;
  const amount = BigInt(text) * NANO_PER_QUOTA_UNIT;
  return amount > AMOUNT_MAX || amount < -AMOUNT_MAX ? undefined : amount;
}

function unitsRule(sign: 'positive' | 'any'): string {
  const most = AMOUNT_MAX / NANO_PER_QUOTA_UNIT;
  return sign === 'any'
    ? `--units must be a whole number other than 0, from -${most} to ${most}, in digits`
    : `--units must be a whole number from 1 to ${most}, in digits`;
}

function creditsRule(sign: 'positive' | 'any'): string {
  const most = formatCredits(AMOUNT_MAX);
  return sign === 'any'
    ? `--credits must be a number other than 0, such as -12.5, with at most 9 decimals, at most ${most} either way`
    : `--credits must be a number above 0, such as 12.5, with at most 9 decimals, at most ${most}`;
}
