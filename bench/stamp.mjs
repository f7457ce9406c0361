// @ts-check

/** The mark of one event: its number and the microsecond it was written, in the event's text. */
export const MARK_PATTERN = /~(\d{6})@(\d{16});/;

/**
 * The mark is of fixed width, so that every event has one length and its HTTP chunk header is a constant.
 *
 * @param {number} sequence from 0
 * @param {number} sentAtUs of the monotonic clock
 */
export function markOf(sequence, sentAtUs) {
  return `~${String(sequence).padStart(6, '0')}@${String(Math.round(sentAtUs)).padStart(16, '0')};`;
}
