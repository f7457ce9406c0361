import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { defineScript } from '../redis/redis-script.js';
import { RedisGate } from './redis-gate.js';

const SCRIPT = defineScript('return 1');

/** A gate before a Redis that does what the test says, at a time that the test moves. */
function setUp(patienceMs = 20) {
  let nowMs = 0;
  let answer: () => Promise<unknown> = async () => 1;
  let asked = 0;
  const redis = {
    isEnabled: true,
    runScript: () => {
      asked++;
      return answer();
    },
  };
  const gate = new RedisGate(redis, () => nowMs, patienceMs);
  return {
    ask: async () => await gate.ask(SCRIPT, [], []),
    tell: () => gate.tell(SCRIPT, [], []),
    pass: (ms: number) => {
      nowMs += ms;
    },
    answerWith: (how: () => Promise<unknown>) => {
      answer = how;
    },
    asked: () => asked,
  };
}

const fails = async (): Promise<never> => {
  throw new Error('away');
};
const hangs = (): Promise<never> => new Promise(() => undefined);

describe('RedisGate', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));

  it('gives the answer', async () => {
    expect(await setUp().ask()).toBe(1);
  });

  it.each([
    ['fails', fails],
    ['hangs', hangs],
  ])('asks a Redis that %s after 1, 2, 4, 8, 10 and 10 seconds again, and not in between', async (_what, how) => {
    const { ask, tell, pass, answerWith, asked } = setUp(1);
    answerWith(how);
    expect(await ask()).toBeUndefined();
    for (const [i, pauseMs] of [1000, 2000, 4000, 8000, 10_000, 10_000].entries()) {
      pass(pauseMs - 1);
      expect(await ask()).toBeUndefined();
      tell();
      expect(asked()).toBe(i + 1);
      pass(1);
      expect(await ask()).toBeUndefined();
      expect(asked()).toBe(i + 2);
    }
  });

  it('lets one alone try again, and then everybody', async () => {
    const { ask, pass, answerWith, asked } = setUp();
    answerWith(fails);
    await ask();
    pass(1000);
    let answerTrial: (value: unknown) => void = () => undefined;
    answerWith(() => new Promise((resolve) => (answerTrial = resolve)));
    const trial = ask();
    expect(await ask()).toBeUndefined();
    expect(asked()).toBe(2);
    answerTrial(7);
    expect(await trial).toBe(7);
    answerWith(async () => 8);
    expect(await Promise.all([ask(), ask()])).toEqual([8, 8]);
  });

  it('counts many failures at once as one', async () => {
    const { ask, pass, answerWith, asked } = setUp();
    answerWith(fails);
    await Promise.all(Array.from({ length: 20 }, ask));
    answerWith(async () => 1);
    pass(1000);
    expect(await ask()).toBe(1);
    expect(asked()).toBe(21);
  });

  it('takes no late answer for a sign of life', async () => {
    const { ask, answerWith, asked } = setUp(1);
    let late: (value: unknown) => void = () => undefined;
    answerWith(() => new Promise((resolve) => (late = resolve)));
    expect(await ask()).toBeUndefined();
    late(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await ask()).toBeUndefined();
    expect(asked()).toBe(1);
  });

  // A busy loop runs its timers late and before its sockets.
  it('takes an answer that was there in time, though nobody had looked', async () => {
    const { ask, answerWith } = setUp(5);
    answerWith(() => new Promise((resolve) => setTimeout(resolve, 6, 'there')));
    const answer = ask();
    const endsAt = performance.now() + 30;
    while (performance.now() < endsAt);
    expect(await answer).toBe('there');
  });
});
