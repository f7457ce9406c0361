import { parseTime, parseTimeRange } from './time-range.js';

describe('a moment', () => {
  it.each([
    ['2026-11-26', '2026-11-26T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-11-26T08:30:00Z', '2026-11-26T08:30:00.000Z'],
    ['2026-11-26T08:30Z', '2026-11-26T08:30:00.000Z'],
    ['2026-11-26T08:30:00.250+08:00', '2026-11-26T00:30:00.250Z'],
  ])('%s is %s', (text, moment) => {
    expect(parseTime(text, 'from').toISOString()).toBe(moment);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2027-02-29',
    '2026-00-01',
    '2026-13-01',
    '2026-01-00',
    '2026-11-26T08:30:00',
    '2026-11-26T24:00:00Z',
    '2026-11-26T08:60:00Z',
    '2026-11-26 08:30:00Z',
    '1764144000',
    '0001-01-01',
    '+012026-01-01',
    '２０２６-11-26',
    '2026-11-26\0',
  ])('%j is refused by name', (text) => {
    expect(() => parseTime(text, 'from')).toThrow(expect.objectContaining({ status: 400, param: 'from' }));
  });
});

describe('a time range', () => {
  it('may be open at either end', () => {
    expect(parseTimeRange({})).toEqual({ from: undefined, to: undefined });
    expect(parseTimeRange({ to: '2026-11-26' })).toEqual({ from: undefined, to: new Date('2026-11-26') });
  });

  it.each(['2026-11-25', '2026-11-26'])('from the 26th to %s is refused', (to) => {
    expect(() => parseTimeRange({ from: '2026-11-26', to })).toThrow(expect.objectContaining({ param: 'to' }));
  });
});
