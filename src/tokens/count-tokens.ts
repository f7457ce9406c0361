import { approximateTokens } from './approximate-tokens.js';
import { encodingNamed } from './encodings.js';
import { familyOf, inFamily } from './model-family.js';

/** Longest text that is tokenised on the event loop. */
export const SYNC_CHARS_MAX = 64 * 1024;
/** How many bytes may be merged on the event loop in one go, about 20 ms at worst. Prose needs a tenth of its length. */
export const SYNC_MERGE_BYTES_MAX = 32 * 1024;

/**
 * Tokens of a text for a model. Special tokens in it are plain text. Exact for OpenAI's models, with the factor of the
 * family for others. Beyond 64 Ki characters, or 32 KB that are no words of the vocabulary (base64, random letters), it
 * is an approximation by samples, so that the event loop is never blocked for long.
 */
export function countTokens(text: string, model: string): number {
  const family = familyOf(model);
  const encoding = encodingNamed(family.encoding);
  const exact = text.length <= SYNC_CHARS_MAX ? encoding.countWithin(text, { bytes: SYNC_MERGE_BYTES_MAX }) : undefined;
  return inFamily(exact ?? approximateTokens([text], encoding), family);
}
