import { findTotpStep, toBase32, totpCode, totpStepOf, totpUri } from './totp.js';

/** Of RFC 6238, Appendix B. */
const SECRET = Buffer.from('12345678901234567890');

describe('time-based codes', () => {
  // RFC 6238, Appendix B, the rows of SHA-1: seconds, eight digits.
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(totpCode(SECRET, totpStepOf(seconds * 1000), 8)).toBe(code);
    expect(totpCode(SECRET, totpStepOf(seconds * 1000))).toBe(code.slice(2));
  });

  it('count in their step and one around it, and no longer', () => {
    const code = totpCode(SECRET, 1000);
    for (const [ms, step] of [
      [999 * 30_000 - 1, undefined],
      [999 * 30_000, 1000],
      [1000 * 30_000, 1000],
      [1002 * 30_000 - 1, 1000],
      [1002 * 30_000, undefined],
    ] as const) {
      expect(findTotpStep(SECRET, code, ms)).toBe(step);
    }
  });

  it.each(['', '12345', '1234567', '12345a', '１２３４５６', ' 12345'])('are six digits, which "%s" is not', (text) => {
    expect(findTotpStep(SECRET, text, 0)).toBeUndefined();
  });

  // RFC 4648, section 10, without padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('have secrets in base32: "%s" is %s', (plain, text) => {
    expect(toBase32(Buffer.from(plain))).toBe(text);
  });

  it('have an address for a QR code, whatever the names', () => {
    const uri = new URL(totpUri(SECRET, 'UG AI Hub', 'a+b&c@x.test'));
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toBe('/UG AI Hub:a+b&c@x.test');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: toBase32(SECRET),
      issuer: 'UG AI Hub',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
