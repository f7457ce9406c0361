import type { EncodingName } from './encodings.js';

/** Tokens that a character of each kind adds, fitted to prose and code in the encodings the hub carries. */
interface Weights {
  /** Letters of the Latin alphabet with marks. */
  readonly accented: number;
  /** Greek, Cyrillic, Hebrew, Arabic and other alphabets: the first letter of a word, and each later one. */
  readonly word: number;
  readonly letter: number;
  readonly han: number;
  readonly kana: number;
  readonly hangul: number;
  /** Indic and other scripts without an entry of their own. */
  readonly other: number;
  /** One half of a character beyond the basic plane. */
  readonly half: number;
}

const WEIGHTS: Readonly<Record<EncodingName, Weights>> = {
  o200k_base: { accented: 0.7, word: 0.9, letter: 0.17, han: 0.76, kana: 0.78, hangul: 0.6, other: 0.45, half: 0.9 },
  cl100k_base: { accented: 1.6, word: 0.9, letter: 0.44, han: 1.17, kana: 1.05, hangul: 0.95, other: 1.3, half: 1.4 },
};

/** Letters of an English word that come for its first token. */
const WORD_LETTERS = 7;
const LONG_WORD_LETTER = 0.24;
const WORD = 1;
/** A capital inside a word, as in camelCase. */
const HUMP = 0.4;
const DIGIT_RUN = 3;
const PUNCTUATION = 0.9;
const MORE_PUNCTUATION = 0.35;
const LINE = 0.6;
const MORE_SPACE = 0.04;
const WIDE_PUNCTUATION = 0.95;

type Run = 'none' | 'word' | 'foreign' | 'digits' | 'punctuation' | 'space' | 'other';

/**
 * Estimates tokens while text comes in, at a few nanoseconds a character and without tokenising: by runs of letters,
 * digits and punctuation, and by character in scripts that write without spaces. Within 20 % or so for prose.
 */
export class TokenEstimator {
  private readonly weights: Weights;
  private run: Run = 'none';
  private runLength = 0;
  private wasLower = false;
  /** Tokens of all text so far; fractions are meant. */
  tokens = 0;

  constructor(encoding: EncodingName) {
    this.weights = WEIGHTS[encoding];
  }

  /** Takes the next piece of text; a word may go on from the last one. */
  push(text: string): void {
    for (let i = 0; i < text.length; i++) this.tokens += this.weigh(text.charCodeAt(i));
  }

  /** Starts anew. */
  reset(): void {
    this.tokens = 0;
    this.run = 'none';
    this.runLength = 0;
  }

  private weigh(unit: number): number {
    if (unit < 0x80) return this.ascii(unit);
    const { weights } = this;
    if (unit < 0x250) return this.enter('word') ? WORD : weights.accented;
    if (unit < 0x900) return this.enter('foreign') ? weights.word : weights.letter;
    if (unit >= 0x3040 && unit < 0x3100) return this.each(weights.kana);
    if (unit >= 0x3400 && unit < 0xa000) return this.each(weights.han);
    if (unit >= 0xac00 && unit < 0xd7b0) return this.each(weights.hangul);
    if (unit >= 0xd800 && unit < 0xe000) return this.each(weights.half);
    if ((unit >= 0x2000 && unit < 0x3040) || unit >= 0xff00) return this.each(WIDE_PUNCTUATION);
    return this.each(weights.other);
  }

  private ascii(unit: number): number {
    const isLower = unit >= 0x61 && unit <= 0x7a;
    if (isLower || (unit >= 0x41 && unit <= 0x5a)) {
      const isHump = this.wasLower && !isLower;
      this.wasLower = isLower;
      if (this.enter('word')) return WORD;
      if (isHump) return HUMP;
      return this.runLength > WORD_LETTERS ? LONG_WORD_LETTER : 0;
    }
    this.wasLower = false;
    if (unit >= 0x30 && unit <= 0x39) {
      const isAfterSpace = this.run === 'space';
      if (this.enter('digits')) return isAfterSpace ? 2 : 1;
      return this.runLength % DIGIT_RUN === 1 ? 1 : 0;
    }
    if (unit === 0x0a || unit === 0x0d) return this.enter('space') || this.runLength === 2 ? LINE : MORE_SPACE;
    if (unit === 0x20 || unit === 0x09) return this.enter('space') ? 0 : MORE_SPACE;
    return this.enter('punctuation') ? PUNCTUATION : MORE_PUNCTUATION;
  }

  /** True when another run begins here. */
  private enter(run: Run): boolean {
    if (this.run === run) {
      this.runLength++;
      return false;
    }
    this.run = run;
    this.runLength = 1;
    return true;
  }

  private each(weight: number): number {
    this.enter('other');
    return weight;
  }
}
