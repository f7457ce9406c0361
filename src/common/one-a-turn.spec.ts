import { describe, expect, it } from '@jest/globals';
import { OneATurn } from './one-a-turn.js';

describe('OneATurn', () => {
  it('lets the event loop go round between two callers, in the order in which they came', async () => {
    const turns = new OneATurn();
    let round = 0;
    let isOver = false;
    const count = (): void => {
      round++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const take = async (name: number) => {
      await turns.wait();
      return { name, round };
    };
    const seen = await Promise.all([1, 2, 3].map(take));
    isOver = true;
    expect(seen.map(({ name }) => name)).toEqual([1, 2, 3]);
    expect(new Set(seen.map((each) => each.round)).size).toBe(3);
  });

  it('lets a later caller go on when nobody waits any more', async () => {
    const turns = new OneATurn();
    await turns.wait();
    await turns.wait();
  });
});
