import { BriefMemory } from './brief-memory.js';

const KEEP_MS = 500;

describe('BriefMemory', () => {
  let now: number;
  let asked: number;
  let memory: BriefMemory<number>;
  beforeEach(() => {
    now = 1000;
    asked = 0;
    memory = new BriefMemory(
      async () => ++asked,
      KEEP_MS,
      () => now,
    );
  });

  it('asks once for all who come at the same time', async () => {
    expect(await Promise.all([memory.get(), memory.get(), memory.get()])).toEqual([1, 1, 1]);
  });

  it('believes an answer for its time and no longer', async () => {
    await memory.get();
    now += KEEP_MS - 1;
    expect(await memory.get()).toBe(1);
    now += 1;
    expect(await memory.get()).toBe(2);
  });

  it('remembers no failure', async () => {
    const failing = new BriefMemory(
      async () => {
        if (++asked === 1) throw new Error('away');
        return asked;
      },
      KEEP_MS,
      () => now,
    );
    const results = await Promise.allSettled([failing.get(), failing.get()]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(await failing.get()).toBe(2);
  });
});
