import { randomFillSync } from 'node:crypto';

/** Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = 'REDEEM';
/** 75 random bits. */
const RANDOM_SYMBOLS = 15;
const FULL_SYMBOLS = RANDOM_SYMBOLS + 1;
/** `REDEEM-XXXX-XXXX`, as the API document writes codes: no check character. */
const SHORT_SYMBOLS = 8;
const GROUP = 4;
/** A code with a separator around every character is still shorter. */
const TEXT_CHARS_MAX = 64;
/** Twice as long as a code of the hub, so that none is taken for the other. */
const IMPORTED = /^ *[0-9A-Fa-f]{32} *$/;

const VALUES: ReadonlyMap<string, number> = new Map([
  ...[...ALPHABET].map((symbol, value) => [symbol, value] as const),
  ['O', 0],
  ['I', 1],
  ['L', 1],
]);

const pool = Buffer.allocUnsafe(RANDOM_SYMBOLS * 256);
let next = pool.length;

/** A new code's symbols: 15 random ones and their check character. Text for people is made by {@link writeCode}. */
export function generateSymbols(): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  let symbols = '';
  for (let i = 0; i < RANDOM_SYMBOLS; i++) symbols += ALPHABET.charAt((pool[next++] ?? 0) & 31);
  // What was handed out must not be found in memory later.
  pool.fill(0, next - RANDOM_SYMBOLS, next);
  return symbols + checkSymbol(symbols);
}

/** Symbols as people see them: `REDEEM-XXXX-XXXX-XXXX-XXXX`. */
export function writeCode(symbols: string): string {
  const groups = [PREFIX];
  for (let at = 0; at < symbols.length; at += GROUP) groups.push(symbols.slice(at, at + GROUP));
  return groups.join('-');
}

/**
 * Reads a code as people write it: in any case, with or without dashes, spaces and the word in front, O for 0, I and L
 * for 1. A code of one-api or new-api, 32 hexadecimal digits, is read as well: there are such codes only where a database of
 * theirs was imported, and anywhere else it is one that nobody has.
 *
 * @returns its symbols, or its digits in lower case; undefined when it cannot be a code, or is misspelt.
 */
export function readCode(text: string): string | undefined {
  // Checked before the case is changed, which would turn other letters into these.
  if (text.length > TEXT_CHARS_MAX || !/^[0-9A-Za-z\- ]+$/.test(text)) return undefined;
  if (IMPORTED.test(text)) return text.trim().toLowerCase();
  const letters = text.replace(/[- ]/g, '').toUpperCase();
  const hasPrefix = letters.length === PREFIX.length + FULL_SYMBOLS || letters.length === PREFIX.length + SHORT_SYMBOLS;
  if (hasPrefix && !letters.startsWith(PREFIX)) return undefined;
  const symbols = fold(hasPrefix ? letters.slice(PREFIX.length) : letters);
  if (symbols === undefined) return undefined;
  if (symbols.length === SHORT_SYMBOLS) return symbols;
  const isWhole = symbols.length === FULL_SYMBOLS && checkSymbol(symbols.slice(0, -1)) === symbols.at(-1);
  return isWhole ? symbols : undefined;
}

function fold(letters: string): string | undefined {
  let symbols = '';
  for (const letter of letters) {
    const value = VALUES.get(letter);
    if (value === undefined) return undefined;
    symbols += ALPHABET.charAt(value);
  }
  return symbols;
}

/**
 * The check character: the symbols as a polynomial over GF(32) at its generator, so that one wrong symbol, or two that
 * changed places, never goes unnoticed.
 */
function checkSymbol(symbols: string): string {
  let sum = 0;
  for (const symbol of symbols) sum = timesGenerator(sum ^ (VALUES.get(symbol) ?? 0));
  return ALPHABET.charAt(sum);
}

/** Multiplies by x modulo x^5 + x^2 + 1. */
function timesGenerator(value: number): number {
  const shifted = value << 1;
  return shifted > 31 ? shifted ^ 0b100101 : shifted;
}
