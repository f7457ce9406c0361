import { readUsageQuery, type UsageParameters } from './usage-query.js';

const NOW = new Date('2026-11-26T08:30:00Z');

const read = (parameters: UsageParameters) => readUsageQuery(parameters, NOW);
const range = (parameters: UsageParameters): string => {
  const { from, to } = read(parameters);
  return `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)}`;
};

describe('what a report is about', () => {
  it('is the last thirty days by model when nothing is said', () => {
    expect(read({})).toEqual({
      from: new Date('2026-10-27T09:00:00Z'),
      to: new Date('2026-11-26T09:00:00Z'),
      groupBy: ['model'],
      days: [],
      filter: { model: undefined, userIdentifier: undefined, keyId: undefined },
    });
  });

  it.each<[UsageParameters, string]>([
    [{ from: '2026-11-01' }, '2026-11-01T00:00 2026-11-26T09:00'],
    [{ to: '2026-11-01T00:00:00+08:00' }, '2026-10-01T16:00 2026-10-31T16:00'],
    [{ from: '2026-11-01T10:59:59.999Z', to: '2026-11-01T11:00:00Z' }, '2026-11-01T10:00 2026-11-01T11:00'],
    [{ from: '2026-11-01T10:10:00Z', to: '2026-11-01T10:20:00Z' }, '2026-11-01T10:00 2026-11-01T11:00'],
    [{ from: '2025-11-25', to: '2026-11-26' }, '2025-11-25T00:00 2026-11-26T00:00'],
  ])('%j covers %s: whole hours, outwards', (parameters, expected) => {
    expect(range(parameters)).toBe(expected);
  });

  it('is grouped in the order that was asked for', () => {
    expect(read({ group_by: 'user_identifier, day,key,model' }).groupBy).toEqual([
      'user_identifier',
      'day',
      'key',
      'model',
    ]);
    expect(read({ group_by: 'day', from: '2026-11-25', to: '2026-11-27' }).days.map(({ date }) => date)).toEqual([
      '2026-11-25',
      '2026-11-26',
    ]);
  });

  it.each<[string, UsageParameters]>([
    ['from', { from: '2026-11-27' }],
    ['from', { from: '2025-11-24', to: '2026-11-26' }],
    ['from', { from: 'yesterday' }],
    ['to', { from: '2026-11-02', to: '2026-11-01' }],
    ['to', { to: '2026-02-30' }],
    ['group_by', { group_by: '' }],
    ['group_by', { group_by: 'model,' }],
    ['group_by', { group_by: 'model,model' }],
    ['group_by', { group_by: 'channel' }],
    ['group_by', { group_by: 'purchase_cost' }],
    ['group_by', { group_by: 'model;select 1' }],
    ['group_by', { group_by: 'constructor' }],
    ['time_zone', { time_zone: 'Asia/Shanghai' }],
    ['time_zone', { time_zone: 'Asia/Kolkata', group_by: 'day' }],
    ['model', { model: 'x'.repeat(257) }],
    ['model', { model: 'a\0b' }],
    ['user_identifier', { user_identifier: '好'.repeat(257) }],
    ['key_id', { key_id: '' }],
    ['key_id', { key_id: '0' }],
    ['key_id', { key_id: '1 or 1=1' }],
    ['key_id', { key_id: '1'.repeat(19) }],
  ])('names %s in the refusal of %j', (param, parameters) => {
    expect(() => read(parameters)).toThrow(expect.objectContaining({ status: 400, param }));
  });

  it('takes a user identifier of 256 characters, however many bytes they have', () => {
    expect(read({ user_identifier: '😀'.repeat(256) }).filter.userIdentifier).toHaveLength(512);
  });
});
