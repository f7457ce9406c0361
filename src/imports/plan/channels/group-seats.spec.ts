import { describe, expect, it } from '@jest/globals';
import { groupSeats } from './group-seats.js';
import type { Seat } from './seat.js';

const seat = (keyIndex: number, more: Partial<Seat> = {}): Seat => ({
  ...{ provider: 'openai', keyIndex, credential: `sk-${keyIndex}`, isEnabled: true, problems: [], models: new Map() },
  ...more,
});
const summary = (seats: readonly Seat[]) =>
  groupSeats(seats).map((group) => [group.seat.keyIndex, group.credentials.length, group.seat.isEnabled]);

describe('keys that share a channel', () => {
  it('are all of one place and one state, each once', () => {
    const off = { isEnabled: false };
    const elsewhere = { baseUrl: 'https://b.example' };
    const seats = [seat(0, off), seat(1), seat(2, elsewhere), seat(3), seat(4, off), seat(5, { credential: 'sk-1' })];
    expect(summary(seats)).toEqual([
      [0, 2, false],
      [1, 2, true],
      [2, 1, true],
    ]);
  });

  it('are at most as many as a channel can have', () => {
    const seats = Array.from({ length: 130 }, (_, index) => seat(index));
    expect(summary(seats)).toEqual([
      [0, 64, true],
      [64, 64, true],
      [128, 2, true],
    ]);
    const all = groupSeats(seats).flatMap(({ credentials }) => credentials);
    expect(new Set(all).size).toBe(130);
  });

  it('make a channel for each region, the first region first', () => {
    const at = (index: number, region: number) =>
      seat(index, { baseUrl: `https://r${region}.example`, region: { name: `r${region}`, index: region } });
    expect(summary([at(0, 1), at(0, 0), at(1, 1), at(1, 0)])).toEqual([
      [0, 2, true],
      [0, 2, true],
    ]);
    expect(groupSeats([at(0, 1), at(0, 0)]).map((group) => group.seat.region?.name)).toEqual(['r0', 'r1']);
  });
});
