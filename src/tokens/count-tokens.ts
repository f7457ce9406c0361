import { approximateTokens } from './approximate-tokens.js';
import { encodingNamed } from './encodings.js';
import { familyOf, inFamily } from './model-family.js';

/** Longest text that is tokenised on the event loop. */
export const SYNC_CHARS_MAX = 64 * 1024;
/**
 * How many UTF-16 units may be merged on the event loop in one go: 20 ms at worst. 64 KB of Chinese need 20,000, of
 * English prose a few thousand; random letters need all of theirs.
 */
export const SYNC_MERGE_CHARS_MAX = 24 * 1024;

/**
 * Tokens of a text for a model. Special tokens in it are plain text. Exact for OpenAI's models, with the factor of the
 * family for others. Beyond 64 Ki characters, or 24 Ki that are no words of the vocabulary (base64, random letters), it
 * is an approximation by samples, so that the event loop is never blocked for long.
 */
export function countTokens(text: string, model: string): number {
  const family = familyOf(model);
  const encoding = encodingNamed(family.encoding);
  const exact = text.length <= SYNC_CHARS_MAX ? encoding.countWithin(text, { chars: SYNC_MERGE_CHARS_MAX }) : undefined;
  return inFamily(exact ?? approximateTokens([text], encoding), family);
}
