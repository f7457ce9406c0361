import { AMOUNT_MAX, formatCredits, parseCredits } from './credits.js';

describe('credits', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [-1n, '-0.000000001'],
    [50_000_000n, '0.05'],
    [12_000_000_000n, '12'],
    [-3_000_000_001n, '-3.000000001'],
    [9_007_199_254_740_993n, '9007199.254740993'],
    [AMOUNT_MAX, '9223372036.854775807'],
    [-AMOUNT_MAX, '-9223372036.854775807'],
  ])('%s nano-credits are written %s, and read back', (amount, text) => {
    expect(formatCredits(amount)).toBe(text);
    expect(parseCredits(text)).toBe(amount);
  });

  it.each(['', '-', '.5', '1.', '1e3', '0x10', '+1', ' 1', '1,5', '９', '01', '0.0000000001', '9223372036.854775808'])(
    '%j is not read',
    (text) => {
      expect(parseCredits(text)).toBeUndefined();
    },
  );
});
