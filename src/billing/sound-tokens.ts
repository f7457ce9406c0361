const MS_PER_SECOND = 1000;
/** OpenAI counts a token for each 100 ms of sound that it hears: https://platform.openai.com/docs/guides/realtime-costs */
const HEARD_TOKENS_PER_SECOND = 10;
/** Gemini counts 32; no vendor more. */
const HEARD_TOKENS_PER_SECOND_MAX = 32;
/** Fast speech has four words a second, and a word of a language that the vocabulary knows badly some tokens. */
const WRITTEN_TOKENS_PER_SECOND_MAX = 16;
/** What a transcript has besides words. */
const WRITTEN_TOKENS_MIN = 64;
/** A token for each 50 ms of sound that is spoken, and 300 ms for a token of text, in English as in Chinese. */
const SPOKEN_TOKENS_PER_TOKEN = 6;
/** Slow voices, pauses, numbers that are short to write. */
const SPOKEN_TOKENS_PER_TOKEN_MAX = 24;

/** Tokens of sound of some length that is listened to, as they are usually counted. */
export function heardTokens(ms: number): number {
  return Math.ceil((ms * HEARD_TOKENS_PER_SECOND) / MS_PER_SECOND);
}

/** The most that they may be. */
export function heardTokensMax(ms: number): number {
  return Math.ceil((ms * HEARD_TOKENS_PER_SECOND_MAX) / MS_PER_SECOND);
}

/** The most that a transcript of so much sound may have. */
export function writtenTokensMax(ms: number): number {
  return WRITTEN_TOKENS_MIN + Math.ceil((ms * WRITTEN_TOKENS_PER_SECOND_MAX) / MS_PER_SECOND);
}

/** How long it takes at least to say so much text, in milliseconds. */
export function leastMs(textTokens: number): number {
  return Math.floor((Math.max(0, textTokens - WRITTEN_TOKENS_MIN) * MS_PER_SECOND) / WRITTEN_TOKENS_PER_SECOND_MAX);
}

/** Tokens of the sound that a text becomes, as they usually are. @param speedPercent 100 is the usual speed. */
export function spokenTokens(textTokens: number, speedPercent: number): number {
  return Math.ceil((textTokens * SPOKEN_TOKENS_PER_TOKEN * 100) / speedPercent);
}

/** The most that they may be. */
export function spokenTokensMax(textTokens: number, speedPercent: number): number {
  return Math.ceil((textTokens * SPOKEN_TOKENS_PER_TOKEN_MAX * 100) / speedPercent);
}
