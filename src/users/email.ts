import { invalidRequest } from '../common/hub-error.js';

/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const CHARS_MAX = 254;
const SHAPE = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+$/u;

/**
 * Checks an e-mail as far as a person signs in with it; nothing is sent there.
 *
 * @returns it without spaces around it.
 * @throws HubError 400 naming `param`.
 */
export function readEmail(typed: string, param: string): string {
  const email = typed.trim();
  if (email.length > CHARS_MAX || !SHAPE.test(email) || !email.isWellFormed()) {
    throw invalidRequest(`An e-mail looks like "name@example.com" and has at most ${CHARS_MAX} characters.`, param);
  }
  return email;
}

/** An e-mail that can be told from others but not read: `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  // Without an @ it may be a password that was typed into the wrong field.
  if (at < 1) return '***';
  return `${email.slice(0, 1)}***${email.slice(at, at + CHARS_MAX)}`;
}
