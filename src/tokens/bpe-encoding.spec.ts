import fc from 'fast-check';
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { SAMPLE_TEXTS } from '../../test/support/sample-texts.js';
import { encodingNamed } from './encodings.js';

// The library refuses special tokens unless it is told that there are none.
const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const ENCODINGS = [
  ['o200k_base', (text: string) => countO200k(text, PLAIN)],
  ['cl100k_base', (text: string) => countCl100k(text, PLAIN)],
] as const;

// What the split patterns look at, and what merges in unusual ways.
const UNITS = [
  'a',
  'B',
  'é',
  'ß',
  '中',
  '文',
  'の',
  'ж',
  '한',
  '9',
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t',
  "'",
  "'s",
  "'LL",
  '/',
];
const ODD_UNITS = [
  '!',
  '．',
  '、',
  '\u0301',
  '\u00a0',
  '\u3000',
  '😀',
  '👨‍👩‍👧',
  '𠀀',
  '\ud83d',
  '\udc00',
  '\ufffd',
  '\0',
];
const WORDS = [
  'the',
  ' Hello',
  'Straße',
  '我们',
  'です',
  '<|endoftext|>',
  '<|im_start|>',
  'xqzvk',
  'HTTPServer',
  '===',
];
// Some of these are one token.
const CONTRACTED = [" don't", " it's", "I'm", " you'll", " you've", "Don't", " I'd"];
const anyText = fc
  .array(fc.constantFrom(...UNITS, ...ODD_UNITS, ...WORDS, ...CONTRACTED), { maxLength: 60 })
  .map((all) => all.join(''));

describe.each(ENCODINGS)('%s', (name, reference) => {
  const encoding = encodingNamed(name);

  it.each(Object.entries(SAMPLE_TEXTS))('counts %s as the reference does', (_language, text) => {
    expect(encoding.count(text)).toBe(reference(text));
  });

  it('counts any text as the reference does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(encoding.count(text)).toBe(reference(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(encoding.count(text)).toBe(reference(text));
      }),
    );
  });

  it('counts long runs without a boundary as the reference does', () => {
    for (const unit of ['a', 'xq', 'Q', '中', '中国人民', 'ж', '=', '-=', ' ', '\n', 'zqxj']) {
      const text = unit.repeat(400);
      expect([unit, encoding.count(text)]).toEqual([unit, reference(text)]);
    }
  });

  it('takes special tokens for text', () => {
    expect(encoding.count('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('knows what no continuation can change', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const whole = encoding.count(text);
        for (let cut = 0; cut <= text.length; cut++) {
          const settled = encoding.countSettled(text.slice(0, cut));
          expect(settled.tokens + encoding.count(text.slice(settled.length))).toBe(whole);
        }
      }),
      { numRuns: 150 },
    );
    // There are tokens for whole contractions, so the word before an apostrophe is not settled.
    expect(encoding.countSettled("so I don'").length).toBeLessThanOrEqual('so I'.length);
    expect(encoding.countSettled(SAMPLE_TEXTS.english).length).toBeGreaterThan(SAMPLE_TEXTS.english.length - 40);
  });

  it('counts texts beyond its stretch as exactly', () => {
    const text = `${SAMPLE_TEXTS.english}\n\n${SAMPLE_TEXTS.chinese}\n`.repeat(120);
    expect(text.length).toBeGreaterThan(2 * 64 * 1024);
    expect(encoding.count(text)).toBe(reference(text));
  });

  // Quadratic merging needs minutes for this.
  it('needs no quadratic time', () => {
    expect(encoding.count('q'.repeat(600_000))).toBeGreaterThan(600_000 / 8);
    expect(encoding.count('好'.repeat(200_000))).toBeGreaterThan(200_000 / 8);
  });

  it('stops when its budget for merging is used up, and needs none for words', () => {
    const prose = 'the quick brown fox '.repeat(500);
    expect(encoding.countWithin(prose, { chars: 0 })).toBe(encoding.count(prose));
    expect(encoding.countWithin('xqzvk'.repeat(100), { chars: 499 })).toBeUndefined();
    const budget = { chars: 1000 };
    expect(encoding.countWithin('xqzvk'.repeat(100), budget)).toBe(encoding.count('xqzvk'.repeat(100)));
    expect(budget.chars).toBe(500);
  });
});
