import { divide, isEqual, multiply, parseFraction, timesDown, timesUp } from './fraction.js';

const of = (text: string) => parseFraction(text)!;

describe('a fraction', () => {
  it.each([
    ['0', 0n, 1n],
    ['0.075', 75n, 1000n],
    ['1e-7', 1n, 10_000_000n],
    ['1.5e+21', 15n * 10n ** 20n, 1n],
  ])('is read exactly from %s', (text, numerator, denominator) => {
    expect(isEqual(of(text), { numerator, denominator })).toBe(true);
  });

  it.each(['', '-1', '1,5', 'NaN', 'Infinity', '.5', '1.', '0x1', '1e', ' 1', '1e99999'])('is not %j', (text) => {
    expect(parseFraction(text)).toBeUndefined();
  });

  it('is rounded only at the end, to the side that is asked for', () => {
    const third = divide(of('1'), of('3'));
    expect(isEqual(multiply(third, of('3')), of('1'))).toBe(true);
    expect([timesDown(third, 10n), timesUp(third, 10n)]).toEqual([3n, 4n]);
    expect([timesDown(third, 9n), timesUp(third, 9n)]).toEqual([3n, 3n]);
  });
});
