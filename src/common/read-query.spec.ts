import { readQuery } from './read-query.js';

describe('a query', () => {
  it('gives the parameters that were sent', () => {
    expect(readQuery({ from: 'a', limit: '' }, ['from', 'to', 'limit'])).toEqual({ from: 'a', limit: '' });
    expect(readQuery(undefined, ['from'])).toEqual({});
  });

  it.each([
    [{ fromm: 'a' }, 'fromm'],
    [{ from: ['a', 'b'] }, 'from'],
  ])('%j is refused by name', (query, param) => {
    expect(() => readQuery(query, ['from', 'to'])).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
