import { type ErrorRow, findErrorRow } from './error-row.js';

const row = (http: number, code: string): ErrorRow => ({
  http,
  code,
  kind: 'overloaded',
  isRetryable: true,
  note: 'for the test',
});
const rows = [row(400, 'Sensitive*'), row(400, 'Sensitive.Text'), row(401, '1000'), row(429, '1000'), row(504, '')];

describe('the row of an answer', () => {
  it.each([
    ['is that of its code', 400, 'Sensitive.Text', rows[1]],
    ['is that of the start of its code where no row has all of it', 400, 'Sensitive.Image', rows[0]],
    ['is that of its status where several have the code', 429, '1000', rows[3]],
    ['is that of its code at another status', 500, '1000', rows[2]],
    ['is that of its status where it has no code', 504, undefined, rows[4]],
    ['is that of its status where nobody knows its code', 504, '77', rows[4]],
    ['is none where nothing fits', 418, '77', undefined],
    ['is no row without a code when it says an empty one', 400, '', undefined],
  ])('%s', (_title, http, code, expected) => {
    expect(findErrorRow(rows, http, code)).toBe(expected);
  });
});
