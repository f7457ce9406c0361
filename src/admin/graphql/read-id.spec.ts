import { describe, expect, it } from '@jest/globals';
import { readId } from './read-id.js';

describe('an id that was given', () => {
  it.each(['1', '42', '9'.repeat(18)])('is taken as it is: %s', (id) => {
    expect(readId('channel', id)).toBe(id);
  });

  it.each(['', '0', '01', '+1', '-1', ' 1', '1 ', '1.0', '1e3', '٣', '9'.repeat(19), "1' or 1=1"])(
    'is that of nothing when no row can have it: %j',
    (id) => {
      expect(() => readId('channel', id, 'input.id')).toThrow(
        expect.objectContaining({ status: 404, code: 'not_found', param: 'input.id' }),
      );
    },
  );
});
