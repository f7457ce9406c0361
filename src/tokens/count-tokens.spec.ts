import { SAMPLE_TEXTS } from '../../test/support/sample-texts.js';
import { approximateTokens } from './approximate-tokens.js';
import { countTokens } from './count-tokens.js';
import { encodingNamed } from './encodings.js';

const o200k = encodingNamed('o200k_base');

describe('countTokens', () => {
  it('is exact for what OpenAI publishes', () => {
    expect(countTokens('Hello, world!', 'gpt-4o')).toBe(4);
    expect(countTokens('', 'gpt-4o')).toBe(0);
    expect(countTokens(SAMPLE_TEXTS.chinese, 'gpt-4')).toBe(encodingNamed('cl100k_base').count(SAMPLE_TEXTS.chinese));
  });

  it('applies the factor of a closed vocabulary', () => {
    const tokens = o200k.count(SAMPLE_TEXTS.english);
    expect(countTokens(SAMPLE_TEXTS.english, 'claude-opus-5-5')).toBe(Math.ceil(tokens * 1.25));
  });

  it('approximates texts that would block the event loop', () => {
    for (const text of [SAMPLE_TEXTS.german.repeat(300), 'xqzvk'.repeat(10_000)]) {
      const exact = o200k.count(text);
      expect(Math.abs(countTokens(text, 'gpt-4o') / exact - 1)).toBeLessThan(0.1);
    }
  });
});

describe('approximateTokens', () => {
  it('sees every part of a mixed text, also when it comes in many small ones', () => {
    const all = Object.values(SAMPLE_TEXTS).map((text) => text.repeat(60));
    const exact = all.reduce((sum, text) => sum + o200k.count(text), 0);
    const small = all.flatMap((text) => text.match(/.{1,200}/gs) ?? []);
    for (const texts of [all, small]) {
      for (const place of [0, 0.5, 0.99]) {
        const found = approximateTokens(texts, o200k, () => place);
        expect(Math.abs(found / exact - 1)).toBeLessThan(0.2);
      }
    }
  });

  it('counts what is short exactly', () => {
    expect(approximateTokens([SAMPLE_TEXTS.english, SAMPLE_TEXTS.code], o200k)).toBe(
      o200k.count(SAMPLE_TEXTS.english) + o200k.count(SAMPLE_TEXTS.code),
    );
  });
});
