import fc from 'fast-check';
import { parseExactly } from './parse-exactly.js';

describe('parseExactly', () => {
  it('writes whole numbers of any length as they were', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        const text = `{"a":${a},"b":[${b},0.5,"12345678901234567890"]}`;
        expect(JSON.stringify(parseExactly(text))).toBe(text);
      }),
    );
  });

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(parseExactly(text)).toEqual(JSON.parse(text));
      }),
    );
    expect(() => parseExactly('{"a":12345678901234567')).toThrow(SyntaxError);
  });
});
