// One token per CJK character, per word with the space before it, and per run of trailing space. A real tokenizer is
// not the point: the count must be the same each time and the pieces must join to the text.
const PIECE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|\s*[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|\s+/gu;

/** Cuts text into the pieces that are streamed and counted; joined they give the text again. */
export function splitTokens(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}

/** Number of tokens of a text, by {@link splitTokens}. */
export function countTokens(text: string): number {
  return splitTokens(text).length;
}
