import { invalidRequest } from '../common/hub-error.js';

const CHARS_MIN = 8;
/** Longer ones are not typed, and normalising and hashing them costs. */
export const PASSWORD_CHARS_MAX = 1024;

/**
 * Checks a password that somebody has chosen: eight characters or more and no other rules, as NIST SP 800-63B advises, except that
 * it must not be the e-mail.
 *
 * @param param names the field.
 * @throws HubError 400.
 */
export function checkNewPassword(password: string, email: string, param: string): void {
  // Counted as people count: an emoji is one character.
  const characters = [...password.normalize('NFKC')].length;
  if (characters < CHARS_MIN) {
    throw invalidRequest(`A password has at least ${CHARS_MIN} characters.`, param, 'password_too_short');
  }
  if (password.length > PASSWORD_CHARS_MAX) {
    throw invalidRequest(`A password has at most ${PASSWORD_CHARS_MAX} characters.`, param);
  }
  if (password.trim().toLowerCase() === email.toLowerCase()) {
    throw invalidRequest('The password must not be your e-mail.', param, 'password_is_email');
  }
}
