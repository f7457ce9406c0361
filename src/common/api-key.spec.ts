import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiKeyChecksum, generateApiKey, isWellFormedApiKey } from './api-key.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('apiKeyChecksum', () => {
  // CRC-32 (IEEE) of "123456789" is the published check value 0xCBF43926 = 3421780262.
  it.each([
    ['123456789', '3jZRME'],
    ['', '000000'],
  ])('of "%s" is %s', (text, checksum) => {
    expect(apiKeyChecksum(text)).toBe(checksum);
    const value = [...checksum].reduce((sum, character) => sum * 62 + ALPHABET.indexOf(character), 0);
    if (text !== '') expect(value).toBe(0xcbf43926);
  });
});

describe('isWellFormedApiKey', () => {
  const good = generateApiKey();

  it('accepts what generateApiKey makes', () => {
    for (let i = 0; i < 1000; i++) expect(isWellFormedApiKey(generateApiKey())).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['another prefix', good.replace('sk_live_', 'sk_test_')],
    ['no prefix', good.slice(8)],
    ['one character less', good.slice(0, -1)],
    ['one character more', `${good}0`],
    ['a wrong checksum', good.slice(0, -1) + (good.endsWith('0') ? '1' : '0')],
    ['10 KB', `sk_live_${'x'.repeat(10 * 1024)}`],
    ['a character outside the alphabet', `${good.slice(0, 20)}é${good.slice(21)}`],
    ['a full-width digit', `${good.slice(0, 20)}９${good.slice(21)}`],
    ['a line break behind', `${good.slice(0, -1)}\n`],
    ['a NUL', `${good.slice(0, 20)}\0${good.slice(21)}`],
  ])('refuses %s', (_what, key) => {
    expect(isWellFormedApiKey(key)).toBe(false);
  });

  it('refuses every key with one character changed', () => {
    const characters = fc.constantFrom(...ALPHABET);
    fc.assert(
      fc.property(fc.nat({ max: 35 }), characters, (index, character) => {
        const at = 8 + index;
        fc.pre(good[at] !== character);
        expect(isWellFormedApiKey(good.slice(0, at) + character + good.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('refuses every two neighbours changing places', () => {
    for (let at = 8; at < good.length - 1; at++) {
      const swapped = good.slice(0, at) + good[at + 1]! + good[at]! + good.slice(at + 2);
      if (swapped !== good) expect(isWellFormedApiKey(swapped)).toBe(false);
    }
  });
});
