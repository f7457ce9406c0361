/** The most credentials that a channel can have. */
export const CREDENTIALS_MAX = 64;
/** The most characters of one: a key file of a service account has about 2,400. */
export const CREDENTIAL_CHARS_MAX = 16_384;
/** What a request header can carry. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * Checks the text of a secret that goes into a header.
 *
 * @returns what is wrong with it, to follow its name, without repeating any of it; undefined when nothing is.
 */
export function checkCredential(text: string, charsMax = CREDENTIAL_CHARS_MAX): string | undefined {
  if (text.length <= charsMax && PRINTABLE.test(text)) return undefined;
  return `must be 1 to ${charsMax} printable ASCII characters, without spaces at its ends`;
}
