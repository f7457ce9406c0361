import { describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../common/cancellation.js';
import { Places } from './places.js';

const NEVER = new Cancellation();

describe('Places', () => {
  it('gives up a wait that takes too long', async () => {
    const places = new Places(1);
    expect(places.take('1', 1, NEVER)).toBeUndefined();
    await expect(places.take('1', 1, NEVER)).rejects.toMatchObject({ kind: 'busy' });
    expect(places.useOf('1')).toEqual({ inUse: 1, waiting: 0, max: 1 });
  });

  it('ends a wait with the reason of its signal, also of one that has ended before', async () => {
    const places = new Places();
    const signal = new Cancellation();
    places.take('1', 2, NEVER);
    places.take('1', 2, NEVER);
    const wait = places.take('1', 2, signal);
    const next = places.take('1', 2, NEVER);
    signal.abort(new Error('gone'));
    await expect(wait).rejects.toThrow('gone');
    await expect(places.take('1', 2, signal)).rejects.toThrow('gone');
    places.release('1');
    await next;
    expect(places.useOf('1')).toEqual({ inUse: 2, waiting: 0, max: 2 });
  });

  it('lets those in line have the places of a limit that was raised', async () => {
    const places = new Places();
    places.take('1', 1, NEVER);
    const second = places.take('1', 1, NEVER);
    expect(places.take('1', 3, NEVER)).toBeUndefined();
    await second;
    expect(places.useOf('1')).toEqual({ inUse: 3, waiting: 0, max: 3 });
  });

  it('keeps to a limit that was lowered as places come back', () => {
    const places = new Places();
    for (let i = 0; i < 3; i++) places.take('1', 3, NEVER);
    places.release('1');
    expect(places.isFull('1', 2)).toBe(true);
    places.release('1');
    expect(places.isFull('1', 2)).toBe(false);
  });
});
