import type { ErrorRow } from '../../canonical/error-row.js';
import { toTaskError } from './to-task-error.js';

const rows: readonly ErrorRow[] = [
  { http: 429, code: '1101', kind: 'out_of_money', isRetryable: false, note: 'in arrears' },
];
const read = (status: number, body: unknown) =>
  toTaskError({ status, headers: { 'retry-after': '3' }, body: Buffer.from(JSON.stringify(body)) }, rows);

describe("an error of a vendor's task API", () => {
  it('is what the table says of its code, with all that the answer says', () => {
    expect(read(429, { code: 1101, message: 'no money' })).toMatchObject({
      kind: 'out_of_money',
      status: 429,
      code: '1101',
      message: 'no money',
      retryAfterMs: 3_000,
    });
  });

  it('is what it is everywhere when the table does not know it', () => {
    expect(read(429, { code: 77, message: 'slow down' })).toMatchObject({ kind: 'rate_limited', code: '77' });
    expect(read(503, {})).toMatchObject({ kind: 'overloaded', code: undefined });
  });

  it('is understood inside a success', () => {
    expect(read(200, { code: 1101, message: 'no money' })).toMatchObject({ kind: 'out_of_money', status: 200 });
  });
});
