import { describe, expect, it } from '@jest/globals';
import { HubError } from '../../common/hub-error.js';
import { readOptionalReason, readReason } from './read-reason.js';

function refusalOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error instanceof HubError ? [error.status, error.param] : error;
  }
  return 'accepted';
}

describe('the reason of a change', () => {
  it('is kept without spaces around it', () => {
    expect(readReason('  asked for by phone ')).toBe('asked for by phone');
    expect(readReason('x'.repeat(500))).toHaveLength(500);
  });

  it.each([
    ['nothing', ''],
    ['nothing but spaces', ' \t '],
    ['more than 500 characters', 'x'.repeat(501)],
    ['several lines', 'one\ntwo'],
    ['a NUL', 'a\0b'],
    ['half a character', 'a\ud800'],
  ])('is refused by its name when it is %s', (_what, reason) => {
    expect(refusalOf(() => readReason(reason))).toEqual([400, 'reason']);
    expect(refusalOf(() => readReason(reason, 'input.reason'))).toEqual([400, 'input.reason']);
  });

  it('need not be given everywhere', () => {
    for (const none of [null, undefined, '', '  ']) expect(readOptionalReason(none)).toBeUndefined();
    expect(readOptionalReason(' why ')).toBe('why');
    expect(refusalOf(() => readOptionalReason('x'.repeat(501)))).toEqual([400, 'reason']);
  });
});
