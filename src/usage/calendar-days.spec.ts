import { calendarDays } from './calendar-days.js';

/** Dates and their first moments, as `2026-11-26 2026-11-26T00`. */
function days(from: string, to: string, timeZone: string): string[] {
  return calendarDays(new Date(from), new Date(to), timeZone).map(
    ({ date, start }) => `${date} ${start.toISOString().slice(0, 13)}`,
  );
}

describe('the days of a range', () => {
  it('begin at the range and end with it', () => {
    expect(days('2026-11-24T10:00:00Z', '2026-11-26T00:00:00Z', 'UTC')).toEqual([
      '2026-11-24 2026-11-24T10',
      '2026-11-25 2026-11-25T00',
    ]);
    expect(days('2026-11-24T10:00:00Z', '2026-11-24T11:00:00Z', 'UTC')).toEqual(['2026-11-24 2026-11-24T10']);
  });

  it('begin at midnight of the zone', () => {
    expect(days('2026-11-24T10:00:00Z', '2026-11-26T00:00:00Z', 'Asia/Shanghai')).toEqual([
      '2026-11-24 2026-11-24T10',
      '2026-11-25 2026-11-24T16',
      '2026-11-26 2026-11-25T16',
    ]);
    expect(days('2026-01-31T20:00:00Z', '2026-02-01T20:00:00Z', 'Pacific/Kiritimati')).toEqual([
      '2026-02-01 2026-01-31T20',
      '2026-02-02 2026-02-01T10',
    ]);
  });

  it.each([
    // 23 hours on the 29th of March, 25 on the 25th of October.
    [
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28 2026-03-28T00', '2026-03-29 2026-03-28T23', '2026-03-30 2026-03-29T22'],
    ],
    [
      'Europe/Berlin',
      '2026-10-24T10:00:00Z',
      ['2026-10-24 2026-10-24T10', '2026-10-25 2026-10-24T22', '2026-10-26 2026-10-25T23'],
    ],
    // Clocks go from 24:00 to 01:00: the day has no midnight.
    [
      'America/Santiago',
      '2026-09-05T04:00:00Z',
      ['2026-09-05 2026-09-05T04', '2026-09-06 2026-09-06T04', '2026-09-07 2026-09-07T03'],
    ],
    // Clocks go from 24:00 back to 23:00: the last hour of the 4th happens twice.
    [
      'America/Santiago',
      '2026-04-04T03:00:00Z',
      ['2026-04-04 2026-04-04T03', '2026-04-05 2026-04-05T04', '2026-04-06 2026-04-06T04'],
    ],
  ])('follow the clocks of %s', (zone, from, expected) => {
    const to = new Date(Date.parse(from) + 3 * 86_400_000 - 14 * 3_600_000).toISOString();
    expect(days(from, to, zone)).toEqual(expected);
  });

  it('are as many as a year has, each once, in any zone', () => {
    for (const zone of ['UTC', 'America/New_York', 'Pacific/Apia', 'Africa/Casablanca', 'Asia/Gaza', '+05:00']) {
      const found = calendarDays(new Date('2026-01-01T12:00:00Z'), new Date('2027-01-01T12:00:00Z'), zone);
      expect(found).toHaveLength(366);
      expect(found.map(({ date }) => date)).toEqual([...new Set(found.map(({ date }) => date))].sort());
    }
  });

  it.each(['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Adelaide', '+05:30'])(
    'of %s cannot be told by the hour',
    (zone) => {
      expect(() => days('2026-11-24T10:00:00Z', '2026-11-26T00:00:00Z', zone)).toThrow(
        expect.objectContaining({ status: 400, param: 'time_zone', message: expect.stringContaining('full hour') }),
      );
    },
  );

  it.each(['', 'Mars/Olympus', `'; drop table usage_hour --`, 'x'.repeat(10_000), 'UTC\0'])('%j is no zone', (zone) => {
    expect(() => days('2026-11-24T10:00:00Z', '2026-11-26T00:00:00Z', zone)).toThrow(
      expect.objectContaining({ status: 400, param: 'time_zone' }),
    );
  });
});
