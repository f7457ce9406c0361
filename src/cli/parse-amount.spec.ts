import { describeAmount, parseAmount } from './parse-amount.js';

describe('an amount', () => {
  it.each([
    [{ units: '1' }, 1_000_000n],
    [{ units: '9007199254740' }, 9_007_199_254_740_000_000n],
    [{ units: '9223372036854' }, 9_223_372_036_854_000_000n],
    [{ credits: '12.5' }, 12_500_000_000n],
    [{ credits: '9007199.254740993' }, 9_007_199_254_740_993n],
    [{ credits: '9223372036.854775807' }, 2n ** 63n - 1n],
  ])('%j is %s nano-credits', (options, amount) => {
    expect(parseAmount(options)).toBe(amount);
  });

  it.each([
    '-1',
    '0',
    '0.5',
    '1e3',
    '9223372036854775808',
    '9223372036855',
    '９',
    '',
    ' 1',
    '+1',
    '1_000',
    '0x10',
    'NaN',
  ])('of %j units is refused', (units) => {
    expect(() => parseAmount({ units })).toThrow('--units must be a whole number from 1 to 9223372036854, in digits');
  });

  it.each(['-1', '0', '0.0', '1e3', '9223372036.854775808', '0.0000000001', '９', '', '1,5', '.5'])(
    'of %j credits is refused',
    (credits) => {
      expect(() => parseAmount({ credits })).toThrow('--credits must be a number above 0');
    },
  );

  it('may be below zero where that makes sense, but never zero', () => {
    expect(parseAmount({ units: '-5' }, 'any')).toBe(-5_000_000n);
    expect(parseAmount({ credits: '-0.5' }, 'any')).toBe(-500_000_000n);
    expect(() => parseAmount({ units: '-0' }, 'any')).toThrow('other than 0');
    expect(() => parseAmount({ credits: '0' }, 'any')).toThrow('other than 0');
  });

  it.each([{}, { units: '1', credits: '1' }])('%j is refused: it takes one of both', (options) => {
    expect(() => parseAmount(options)).toThrow('either --units or --credits');
  });

  it('is said in both words where it is a whole number of units', () => {
    expect(describeAmount(5_000_000_000n)).toBe('5000 units (5 credits)');
    expect(describeAmount(-1n)).toBe('-0.000000001 credits');
  });
});
