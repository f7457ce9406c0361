import { describe, expect, it, jest } from '@jest/globals';
import { ApiKeyCache, KEY_TTL_MS } from './api-key-cache.js';

/** A cache whose look-ups are answered by hand, with a clock that stands still. */
function setUp() {
  const waiting: { id: string; resolve: (value: string | null) => void; reject: (error: Error) => void }[] = [];
  let now = 1000;
  const cache = new ApiKeyCache<string>(
    (id) => new Promise((resolve, reject) => waiting.push({ id, resolve, reject })),
    () => now,
  );
  const pass = (ms: number): void => {
    now += ms;
  };
  return { cache, waiting, pass };
}

/** Lets the promise callbacks run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function setUpKnown(value: string | null = 'key') {
  const parts = setUp();
  const first = parts.cache.get('a');
  parts.waiting[0]!.resolve(value);
  expect(await first).toBe(value);
  return parts;
}

describe('ApiKeyCache', () => {
  it('asks once, however many ask at the same time', async () => {
    const { cache, waiting } = setUp();
    const answers = Array.from({ length: 500 }, () => cache.get('a'));
    expect(waiting).toHaveLength(1);
    waiting[0]!.resolve('key');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['key']));
  });

  it('gives a known value at once, without a promise', async () => {
    const { cache, waiting } = await setUpKnown();
    expect(cache.get('a')).toBe('key');
    expect(waiting).toHaveLength(1);
  });

  it('remembers that a key is unknown', async () => {
    const { cache, waiting } = await setUpKnown(null);
    expect(cache.get('a')).toBeNull();
    expect(waiting).toHaveLength(1);
  });

  it('believes nothing longer than five seconds', async () => {
    const { cache, waiting, pass } = await setUpKnown();
    expect(KEY_TTL_MS).toBeLessThanOrEqual(5000);
    pass(KEY_TTL_MS);
    const again = cache.get('a');
    waiting[1]!.resolve(null);
    expect(await again).toBeNull();
  });

  it('looks a popular key up again in the background before its time is over', async () => {
    const { cache, waiting, pass } = await setUpKnown();
    pass(KEY_TTL_MS - 1);
    expect(cache.get('a')).toBe('key');
    expect(cache.get('a')).toBe('key');
    expect(waiting).toHaveLength(2);
    waiting[1]!.resolve('newer');
    await settle();
    expect(cache.get('a')).toBe('newer');
  });

  it('counts the age from before the look-up', async () => {
    const { cache, waiting, pass } = setUp();
    const first = cache.get('a');
    pass(KEY_TTL_MS);
    waiting[0]!.resolve('key');
    expect(await first).toBe('key');
    expect(cache.get('a')).toBeInstanceOf(Promise);
  });

  it('asks again after a failure, and keeps what it knows while a background look-up fails', async () => {
    const { cache, waiting, pass } = await setUpKnown();
    pass(KEY_TTL_MS - 1);
    cache.get('a');
    waiting[1]!.reject(new Error('away'));
    await settle();
    expect(cache.get('a')).toBe('key');
    pass(1);
    const late = cache.get('a');
    waiting[2]!.reject(new Error('away'));
    await expect(late).rejects.toThrow('away');
    const later = cache.get('a');
    waiting[3]!.resolve('back');
    expect(await later).toBe('back');
  });

  it('says whether a key is known to exist, without asking and however old the knowledge', async () => {
    const { cache, waiting, pass } = await setUpKnown();
    pass(10 * KEY_TTL_MS);
    expect(cache.isKnown('a')).toBe(true);
    expect(cache.isKnown('b')).toBe(false);
    expect(waiting).toHaveLength(1);
    expect((await setUpKnown(null)).cache.isKnown('a')).toBe(false);
  });

  it.each([
    ['one key', 'a'],
    ['all keys', undefined],
  ])('forgets %s', async (_what, id) => {
    const { cache, waiting } = await setUpKnown();
    cache.forget(id);
    expect(cache.get('a')).toBeInstanceOf(Promise);
    expect(waiting).toHaveLength(2);
  });

  // Otherwise a revocation could be overtaken by the answer to a question asked before it.
  it('does not remember a look-up that was under way when it had to forget', async () => {
    const { cache, waiting } = setUp();
    const before = cache.get('a');
    cache.forget();
    const after = cache.get('a');
    waiting[1]!.resolve(null);
    expect(await after).toBeNull();
    waiting[0]!.resolve('stale');
    expect(await before).toBe('stale');
    expect(cache.get('a')).toBeNull();
  });

  it('uses a monotonic clock by default', async () => {
    const load = jest.fn(async () => 'key');
    const cache = new ApiKeyCache<string>(load);
    await cache.get('a');
    jest.spyOn(Date, 'now').mockReturnValue(0);
    expect(cache.get('a')).toBe('key');
    jest.restoreAllMocks();
    expect(load).toHaveBeenCalledTimes(1);
  });
});
