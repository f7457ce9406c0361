import { invalidRequest } from '../../common/hub-error.js';

/**
 * Text on one line, without spaces around it.
 * @throws HubError 400 naming `param` when it is empty, too long, or has characters that a terminal acts upon.
 */
export function readText(text: string, param: string, charsMax: number): string {
  const plain = text.trim();
  if (plain === '' || plain.length > charsMax) {
    throw invalidRequest(`"${param}" must have 1 to ${charsMax} characters.`, param);
  }
  if (/\p{Cc}/u.test(plain) || !plain.isWellFormed()) {
    throw invalidRequest(`"${param}" must be plain text on one line.`, param);
  }
  return plain;
}
