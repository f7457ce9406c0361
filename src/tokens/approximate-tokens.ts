import type { BpeEncoding } from './bpe-encoding.js';

const WINDOWS = 16;
const WINDOW_CHARS = 1024;

/**
 * Tokens of texts that are too long to be tokenised here: exactly counted in 16 windows of 1,024 characters, one at a
 * random place of each sixteenth of all the text, and scaled up by length. Takes a few milliseconds for any length.
 * Places are random so that nobody can write a prompt that is cheap where it is looked at.
 * @param random gives numbers from 0 up to 1.
 */
export function approximateTokens(
  texts: readonly string[],
  encoding: BpeEncoding,
  random: () => number = Math.random,
): number {
  let length = 0;
  for (const text of texts) length += text.length;
  if (length <= WINDOWS * WINDOW_CHARS) return texts.reduce((sum, text) => sum + encoding.count(text), 0);
  const share = length / WINDOWS;
  let seen = 0;
  let tokens = 0;
  let index = 0;
  let passed = 0;
  for (let window = 0; window < WINDOWS; window++) {
    const place = Math.floor(window * share + random() * Math.max(0, share - WINDOW_CHARS));
    while (index < texts.length - 1 && passed + (texts[index] as string).length <= place) {
      passed += (texts[index] as string).length;
      index++;
    }
    // A window goes on into the texts that follow, so that many short ones are seen as well.
    let wanted = WINDOW_CHARS;
    let from = place - passed;
    for (let i = index; i < texts.length && wanted > 0; i++) {
      const part = (texts[i] as string).slice(from, from + wanted);
      tokens += encoding.count(part);
      seen += part.length;
      wanted -= part.length;
      from = 0;
    }
  }
  return Math.ceil((tokens * length) / seen);
}
