const MULTIPLIER = /^(\d{1,4})(?:\.(\d{1,6}))?$/;
const MILLIONTHS = 1_000_000n;
const DIGITS = 6;
const MILLIONTHS_MAX = 1000n * MILLIONTHS;

/**
 * A factor such as `1.2` to millionths, exactly.
 * @throws RangeError for anything but a decimal string from 0 to 1000 with at most six digits after the point.
 */
export function parseMultiplier(text: string): bigint {
  const [, whole, fraction = ''] = MULTIPLIER.exec(text) ?? [];
  const millionths =
    whole === undefined ? undefined : BigInt(whole) * MILLIONTHS + BigInt(fraction.padEnd(DIGITS, '0'));
  if (millionths === undefined || millionths > MILLIONTHS_MAX) {
    throw new RangeError(`Not a multiplier from 0 to 1000 with at most six digits after the point: ${text}`);
  }
  return millionths;
}

/** Millionths to the shortest decimal string that {@link parseMultiplier} reads back: `1.2`. */
export function formatMultiplier(millionths: bigint): string {
  const fraction = String(millionths % MILLIONTHS)
    .padStart(DIGITS, '0')
    .replace(/0+$/, '');
  return `${millionths / MILLIONTHS}${fraction === '' ? '' : `.${fraction}`}`;
}
