import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Sql } from '../../database/sql.js';
import { Feed } from './feed.js';
import { RequestFeed } from './request-feed.js';

/** Tells the numbers that were counted since the look before. */
class CountFeed extends Feed<number> {
  counted = 0;
  gate = Promise.resolve();
  private seen: number | undefined;

  protected override forget(): void {
    this.seen = undefined;
  }

  protected override async look(): Promise<readonly number[]> {
    await this.gate;
    const from = this.seen;
    this.seen = this.counted;
    return from === undefined ? [] : Array.from({ length: this.counted - from }, (_, at) => from + at + 1);
  }
}

describe('a live feed', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('tells nothing of the time when nobody listened, also when the last one left during a look', async () => {
    const feed = new CountFeed();
    let open = (): void => undefined;
    feed.gate = new Promise((resolve) => {
      open = resolve;
    });
    await feed.listen().return?.();
    open();
    await jest.advanceTimersByTimeAsync(0);
    feed.counted = 5;
    const next = feed.listen().next();
    await jest.advanceTimersByTimeAsync(1_000);
    feed.counted = 6;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await next).toEqual({ done: false, value: 6 });
    feed.onModuleDestroy();
  });

  it('tells of requests that a failed look has missed with the next one', async () => {
    const asked: (readonly unknown[])[] = [];
    let looks = 0;
    const query = async (text: string, parameters: readonly unknown[] = []): Promise<object[]> => {
      if (!text.includes('usage_event')) return [{ xmin: String(++looks) }];
      asked.push(parameters);
      if (asked.length === 1) throw new Error('The database is away');
      return [];
    };
    const feed = new RequestFeed({ query } as unknown as Sql);
    const items = feed.listen();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(asked).toEqual([
      ['1', '2'],
      ['1', '3'],
      ['3', '4'],
    ]);
    await items.return?.();
    feed.onModuleDestroy();
  });
});
