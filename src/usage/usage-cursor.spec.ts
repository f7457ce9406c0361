import { decodeCursor, encodeCursor } from '../common/keyset-cursor.js';
import { decodeUsageCursor, encodeUsageCursor } from './usage-cursor.js';

const PARAMETERS = { group_by: 'day,user_identifier,key', model: 'gpt-4' };
const GROUP_BY = ['day', 'user_identifier', 'key'] as const;
const PLACE = {
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-11-26T09:00:00.000Z',
  values: ['3', '小明 \n"', '7'],
};
const CURSOR = encodeUsageCursor(PARAMETERS, PLACE);

const refused = expect.objectContaining({ status: 400, param: 'after' });

describe('a cursor of a report', () => {
  it('brings the place and the range of the first page back', () => {
    expect(decodeUsageCursor(CURSOR, PARAMETERS, GROUP_BY)).toEqual(PLACE);
  });

  it('has room for the longest model and user identifier', () => {
    const values = ['好'.repeat(256), '😀'.repeat(256)];
    const cursor = encodeUsageCursor({}, { ...PLACE, values });
    expect(decodeUsageCursor(cursor, {}, ['model', 'user_identifier']).values).toEqual(values);
  });

  it('is refused by a report with other parameters', () => {
    expect(() => decodeUsageCursor(CURSOR, { ...PARAMETERS, model: 'gpt-5' }, GROUP_BY)).toThrow(refused);
    expect(() => decodeUsageCursor(CURSOR, { ...PARAMETERS, from: '2026-11-01' }, GROUP_BY)).toThrow(refused);
    expect(() => decodeUsageCursor(CURSOR, { ...PARAMETERS, group_by: 'model' }, ['model'])).toThrow(refused);
  });

  it('is refused when any character of it was changed', () => {
    for (let at = 0; at < CURSOR.length; at++) {
      // The last character may carry bits that mean nothing; the decoded text is then the same.
      const changed = CURSOR.slice(0, at) + (CURSOR[at] === 'A' ? 'B' : 'A') + CURSOR.slice(at + 1);
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(CURSOR, 'base64url'))) continue;
      expect(() => decodeUsageCursor(changed, PARAMETERS, GROUP_BY)).toThrow(refused);
    }
  });

  it.each([
    ['a time that is none', 1, '2026-99-01T00:00:00.000'],
    ['a day that is no number', 3, `1'; drop table usage_hour --`],
    ['a number that no day has', 3, '99999999999'],
    ['a text that the database refuses', 4, 'a\0b'],
    ['a key that is no number', 5, 'NaN'],
  ])('is refused with %s', (_, at, value) => {
    const values = decodeCursor(CURSOR, Array(6).fill(/./s) as RegExp[]);
    expect(() => decodeUsageCursor(encodeCursor(values.with(at, value)), PARAMETERS, GROUP_BY)).toThrow(refused);
  });
});
