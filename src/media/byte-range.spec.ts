import { parseByteRange } from './byte-range.js';

describe('parseByteRange', () => {
  it.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=0-', { first: 0, last: 99 }],
    ['bytes=10-19', { first: 10, last: 19 }],
    ['bytes=90-1000', { first: 90, last: 99 }],
    ['bytes=99-99', { first: 99, last: 99 }],
    ['bytes=-1', { first: 99, last: 99 }],
    ['bytes=-1000', { first: 0, last: 99 }],
    ['Bytes= 5 - 6 ', { first: 5, last: 6 }],
  ])('reads %s', (header, range) => {
    expect(parseByteRange(header, 100)).toEqual(range);
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('says that there are no bytes for %s', (header) => {
    expect(parseByteRange(header, 100)).toBe('unsatisfiable');
  });

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=b-c',
    'bytes=5-4',
    'bytes=1-2,4-5',
    'lines=1-2',
    'bytes=1',
    'bytes=0x1-2',
    `bytes=${'9'.repeat(30)}-`,
  ])('answers %s with the whole file', (header) => {
    expect(parseByteRange(header, 100)).toBeUndefined();
  });
});
