/** An exact number from 0: ratios are multiplied and divided before anything is rounded. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const NUMBER = /^(\d{1,400})(?:\.(\d{1,400}))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * Reads a decimal number from 0, as people and JavaScript write it: `0.075`, `1e-7`.
 * @returns undefined for anything else.
 */
export function parseFraction(text: string): Fraction | undefined {
  const [, whole, decimals = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const shift = Number(exponent) - decimals.length;
  const digits = BigInt(whole + decimals);
  return shift >= 0
    ? { numerator: digits * 10n ** BigInt(shift), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-shift) };
}

/** The product of two fractions, exactly. */
export function multiply(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** The quotient of two fractions, exactly. @throws RangeError for a division by zero. */
export function divide(a: Fraction, b: Fraction): Fraction {
  return multiply(a, { numerator: b.denominator, denominator: b.numerator });
}

/** A fraction times a whole number, rounded down. */
export function timesDown({ numerator, denominator }: Fraction, factor: bigint): bigint {
  return (numerator * factor) / denominator;
}

/** A fraction times a whole number, rounded up. */
export function timesUp({ numerator, denominator }: Fraction, factor: bigint): bigint {
  return (numerator * factor + denominator - 1n) / denominator;
}

/** True when both are the same number. */
export function isEqual(a: Fraction, b: Fraction): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}
