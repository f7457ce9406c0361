import { readText } from './read-text.js';

const REASON_CHARS_MAX = 500;

/**
 * Why something is done, for the books and the audit log.
 * @param param where it stands in the arguments.
 * @throws HubError 400 naming `param` when it is empty, longer than 500 characters, or not plain text on one line.
 */
export function readReason(reason: string, param = 'reason'): string {
  return readText(reason, param, REASON_CHARS_MAX);
}

/** The same where it need not be given; undefined for none, and for nothing but spaces. */
export function readOptionalReason(reason: string | null | undefined, param = 'reason'): string | undefined {
  return reason == null || reason.trim() === '' ? undefined : readReason(reason, param);
}
