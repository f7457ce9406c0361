import { decodeCursor, encodeCursor, readPageLimit } from './keyset-cursor.js';

const ID = /^\d{1,18}$/;

describe('a cursor', () => {
  it('comes back as it was made, and fits into a query without escapes', () => {
    const cursor = encodeCursor(['12', '007']);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor(cursor, [ID, ID])).toEqual(['12', '007']);
  });

  it.each([
    ['', 'empty'],
    ['12', 'a bare id'],
    ['%%%', 'not base64'],
    [encodeCursor(['1', '2']), 'too many values'],
    [encodeCursor([]), 'too few'],
    [encodeCursor(['1 or 1=1']), 'of another kind'],
    [Buffer.from('[1]').toString('base64url'), 'not text'],
    [Buffer.from('{"0":"1","length":1}').toString('base64url'), 'not a list'],
    ['A'.repeat(10_000), 'huge'],
  ])('%j is refused: %s', (cursor) => {
    expect(() => decodeCursor(cursor, [ID])).toThrow(expect.objectContaining({ status: 400, param: 'after' }));
  });
});

describe('a page limit', () => {
  it.each([
    [undefined, 50],
    ['1', 1],
    ['100', 100],
  ])('%s is %i', (text, limit) => {
    expect(readPageLimit(text, { standard: 50, max: 100 })).toBe(limit);
  });

  it.each(['0', '101', '-1', '1.5', '1e1', '', ' 5', '９', '99999999999999999999'])('%j is refused', (text) => {
    expect(() => readPageLimit(text, { standard: 50, max: 100 })).toThrow(
      expect.objectContaining({ status: 400, param: 'limit' }),
    );
  });
});
