import { generateSymbols, readCode, writeCode } from './code-text.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

describe('a new code', () => {
  it('is written in groups, and read back', () => {
    for (let i = 0; i < 1000; i++) {
      const symbols = generateSymbols();
      const code = writeCode(symbols);
      expect(code).toMatch(/^REDEEM(-[0-9A-HJKMNP-TV-Z]{4}){4}$/);
      expect(readCode(code)).toBe(symbols);
    }
  });

  it('is another one each time, and uses every symbol in every place', () => {
    const codes = Array.from({ length: 20_000 }, () => generateSymbols());
    expect(new Set(codes).size).toBe(codes.length);
    for (let place = 0; place < 16; place++) {
      expect(new Set(codes.map((symbols) => symbols[place])).size).toBe(32);
    }
  });
});

describe('a code that somebody typed', () => {
  const symbols = generateSymbols();
  const code = writeCode(symbols);

  it.each<[string, (text: string) => string]>([
    ['in lower case', (text) => text.toLowerCase()],
    ['without dashes', (text) => text.replaceAll('-', '')],
    ['with spaces', (text) => ` ${text.replaceAll('-', ' - ')} `],
    ['without the word in front', (text) => text.replace('REDEEM-', '')],
    ['bare', (text) => text.replace('REDEEM', '').replaceAll('-', '').toLowerCase()],
  ])('%s is the same code', (_how, change) => {
    expect(readCode(change(code))).toBe(symbols);
  });

  it('may have O for 0, and I or L for 1', () => {
    // The symbols 0 and 1 check out in any arrangement that their polynomial allows; this one is of zeros only.
    expect(readCode('REDEEM-OOOO-oooo-0000-OOOO')).toBe('0'.repeat(16));
    expect(readCode('redeem-ILil-LLLL')).toBe('11111111');
  });

  it('with any one symbol wrong, or any two exchanged, is no code', () => {
    for (let at = 0; at < 16; at++) {
      for (const other of ALPHABET) {
        if (other === symbols[at]) continue;
        expect(readCode(`${symbols.slice(0, at)}${other}${symbols.slice(at + 1)}`)).toBeUndefined();
      }
      for (let to = at + 1; to < 16; to++) {
        if (symbols[at] === symbols[to]) continue;
        const letters = [...symbols];
        [letters[at], letters[to]] = [letters[to]!, letters[at]!];
        expect(readCode(letters.join(''))).toBeUndefined();
      }
    }
  });

  it.each(['00112233445566778899aabbccddeeff', ' 00112233445566778899AABBCCDDEEFF '])(
    '%j, which one-api or new-api made, is the code in lower case',
    (text) => {
      expect(readCode(text)).toBe('00112233445566778899aabbccddeeff');
    },
  );

  it.each(['REDEEM-XXXX-XXXX', 'xxxxxxxx', 'REDEEMXXXXXXXX'])('%s, the short form, has no check character', (text) => {
    expect(readCode(text)).toBe('XXXXXXXX');
  });

  it.each([
    '',
    'REDEEM',
    'REDEEM-',
    'REDEEM-XXXX',
    'REDEEM-XXXX-XXXX-XXXX',
    'PREFIX-XXXX-XXXX',
    'REDEEM-UUUU-UUUU',
    'REDEEM-XXXX-XXX\0',
    'REDEEM-ＸＸＸＸ-XXXX',
    'REDEEM-ıııı-XXXX',
    'REDEEM_XXXX_XXXX',
    '00112233445566778899aabbccddeef',
    '00112233445566778899aabbccddeeffa',
    '00112233445566778899aabbccddeefg',
    '00112233-4455-6677-8899-aabbccddeeff',
    '-'.repeat(65),
    'x'.repeat(100_000),
  ])('%j is no code', (text) => {
    expect(readCode(text)).toBeUndefined();
  });
});
