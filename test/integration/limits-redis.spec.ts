import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { LimitDecision } from '../../src/limits/limit-decision.js';
import type { LimitSubject } from '../../src/limits/limit-subject.js';
import { RateLimiter, type RateLimiterOptions } from '../../src/limits/rate-limiter.js';
import { REDIS_PATIENCE_MS, RedisGate } from '../../src/limits/redis-gate.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { quietNow } from '../support/quiet-clock.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

/** A "minute" of a second: what is measured is the window, not the wall clock. */
const WINDOW_MS = 1000;
/** 50 ms and what two busy cores add to a timer. */
const DELAY_MS_MAX = 1000;
/** For all that is not about it: a server that others keep from its processor is not away. */
const PATIENCE_MS = 900;

// A generator that other suites hold up for a moment asks too little to use its limit.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

let uniqueId = 0;

describeWithRedis('rate limits with Redis', () => {
  let redis: RedisServer;
  let admin: Redis;
  const closers: (() => void)[] = [];
  const unhandled: unknown[] = [];
  const noteUnhandled = (reason: unknown): void => {
    unhandled.push(reason);
  };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    process.on('unhandledRejection', noteUnhandled);
    redis = await startRedis();
    admin = new Redis(redis.url, { retryStrategy: () => 20 });
    admin.on('error', () => undefined);
  });
  beforeEach(() => admin.flushall());
  afterEach(() => {
    for (const close of closers.splice(0)) close();
    expect(unhandled).toEqual([]);
  });
  afterAll(async () => {
    process.off('unhandledRejection', noteUnhandled);
    admin?.disconnect();
    await redis?.stop();
  });

  /** A limiter with connections of its own, as another process has them. */
  async function connect(options: RateLimiterOptions = {}, patienceMs = PATIENCE_MS) {
    const service = new RedisService(redis.url);
    const limiter = new RateLimiter(new RedisGate(service, undefined, patienceMs), options);
    const close = (): void => {
      limiter.onApplicationShutdown();
      service.onApplicationShutdown();
    };
    closers.push(close);
    await until(async () => (await service.runScript({ source: 'return 1', sha: '' }, [], []).catch(() => 0)) === 1);
    return { acquire: async (subjects: LimitSubject[], tokens = 0) => await limiter.acquire(subjects, tokens), close };
  }

  function subject(limits: Partial<LimitSubject>): LimitSubject {
    return { scope: 'key', id: `${++uniqueId}`, ...limits };
  }

  async function timed(work: () => Promise<LimitDecision>): Promise<{ decision: LimitDecision; ms: number }> {
    const from = quietNow();
    const decision = await work();
    return { decision, ms: quietNow() - from };
  }

  it('counts what two instances let in as one', async () => {
    const [a, b] = [await connect(), await connect()];
    const key = subject({ rpm: 10, tpm: 1000 });
    const decisions = await Promise.all(
      Array.from({ length: 40 }, (_x, i) => (i % 2 === 0 ? a : b).acquire([key], 10)),
    );
    expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
    expect(decisions.find(({ isAllowed }) => !isAllowed)).toMatchObject({
      limitedBy: { dimension: 'requests', limit: 10 },
      headers: {
        'x-ratelimit-limit-requests': '10',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-limit-tokens': '1000',
        'x-ratelimit-remaining-tokens': '900',
      },
    });
    const [refused] = decisions.filter(({ isAllowed }) => !isAllowed);
    expect(refused?.retryAfterSeconds).toBeGreaterThanOrEqual(59);
    expect(refused?.retryAfterSeconds).toBeLessThanOrEqual(61);
  });

  // T113
  it('is exact over several windows of steady excess, and doubles no burst', async () => {
    const limiters = [await connect({ windowMs: WINDOW_MS }), await connect({ windowMs: WINDOW_MS })];
    const limits = { rpm: 60, tpm: 10_000 };
    // The first runs out of requests, the second of tokens.
    const [small, large] = await Promise.all(
      [100, 200].map((tokens) => press(limiters, subject(limits), tokens, 2, 3 * WINDOW_MS)),
    );
    for (const [{ accepted }, perWindow] of [
      [small!, 60],
      [large!, 50],
    ] as const) {
      expect(accepted.length).toBeGreaterThanOrEqual(3 * perWindow * 0.95);
      expect(accepted.length).toBeLessThanOrEqual(3 * perWindow * 1.05);
      // The server looked at its clock somewhere between question and answer: both must lie in the window.
      for (const { askedAt: start } of accepted) {
        const end = start + WINDOW_MS;
        const inWindow = accepted.filter(({ askedAt, answeredAt }) => askedAt >= start && answeredAt < end).length;
        expect(inWindow).toBeLessThanOrEqual(perWindow);
      }
    }
  });

  it('refuses nothing of a steady load below the limit', async () => {
    const limiter = await connect({ windowMs: WINDOW_MS });
    const { accepted, refused } = await press([limiter], subject({ rpm: 60, tpm: 6000 }), 100, 22, 3 * WINDOW_MS);
    expect(accepted.length).toBeGreaterThan(60);
    expect(refused).toBe(0);
  });

  interface Accepted {
    readonly askedAt: number;
    readonly answeredAt: number;
  }

  /** Asks again and again, in turn on each limiter. @returns when it was let in. */
  async function press(
    limiters: readonly Awaited<ReturnType<typeof connect>>[],
    key: LimitSubject,
    tokens: number,
    pauseMs: number,
    durationMs: number,
  ): Promise<{ accepted: Accepted[]; refused: number }> {
    const accepted: Accepted[] = [];
    let refused = 0;
    const endsAt = performance.now() + durationMs;
    for (let i = 0; performance.now() < endsAt; i++) {
      const askedAt = performance.now();
      const { isAllowed } = await limiters[i % limiters.length]!.acquire([key], tokens);
      if (isAllowed) accepted.push({ askedAt, answeredAt: performance.now() });
      else refused++;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return { accepted, refused };
  }

  it('uses up nothing of any subject when one refuses', async () => {
    const { acquire } = await connect();
    const wide = subject({ rpm: 100, tpm: 1000, concurrency: 100 });
    const narrow = subject({ concurrency: 1 });
    expect((await acquire([wide, narrow], 10)).isAllowed).toBe(true);
    for (let i = 0; i < 5; i++) expect((await acquire([wide, narrow], 10)).isAllowed).toBe(false);
    expect((await acquire([wide], 0)).headers).toMatchObject({
      'x-ratelimit-remaining-requests': '98',
      'x-ratelimit-remaining-tokens': '990',
    });
  });

  it('corrects tokens at the end, both ways, for all instances', async () => {
    const [a, b] = [await connect({ windowMs: WINDOW_MS }), await connect({ windowMs: WINDOW_MS })];
    const key = subject({ tpm: 1000 });
    const left = async (): Promise<string | undefined> =>
      (await b.acquire([key], 0)).headers['x-ratelimit-remaining-tokens'];
    const { ticket } = await a.acquire([key], 800);
    expect(await left()).toBe('200');
    ticket.finish(300);
    ticket.finish(0);
    await until(async () => (await left()) === '700');
    const low = await a.acquire([key], 100);
    low.ticket.finish(650);
    await until(async () => (await left()) === '50');
    const late = await a.acquire([key], 10);
    await until(async () => (await left()) === '1000', 3 * WINDOW_MS);
    late.ticket.finish(1500);
    await until(async () => (await left()) === '0');
    const refused = await b.acquire([key], 1);
    expect(refused.isAllowed).toBe(false);
    // Two seconds at the moment of finish; a busy machine may ask a little later.
    expect([1, 2]).toContain(refused.retryAfterSeconds);
    await until(async () => (await left()) === '1000', 3 * WINDOW_MS);
  });

  it('says at once that a request alone is too large', async () => {
    const { acquire } = await connect();
    const refused = await acquire([subject({ tpm: 100 })], 101);
    expect(refused).toMatchObject({ isAllowed: false, limitedBy: { isTooLarge: true } });
    expect(refused.retryAfterSeconds).toBeUndefined();
  });

  it('frees a place at the end, and that of a process that died after a while', async () => {
    const [a, b] = [await connect({ leaseMs: 1500 }), await connect({ leaseMs: 1500 })];
    const key = subject({ concurrency: 2 });
    const first = await a.acquire([key]);
    const second = await a.acquire([key]);
    expect([first.isAllowed, second.isAllowed]).toEqual([true, true]);
    expect((await b.acquire([key])).isAllowed).toBe(false);
    first.ticket.finish(undefined);
    const third = await until(async () => {
      const decision = await b.acquire([key]);
      return decision.isAllowed ? decision : undefined;
    });
    third.ticket.finish(undefined);
    // Longer than the lease: a process that lives keeps the place of a long stream.
    const endsAt = performance.now() + 2000;
    const other = subject({ concurrency: 1 });
    const stream = await a.acquire([other]);
    while (performance.now() < endsAt) {
      expect((await b.acquire([other])).isAllowed).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    a.close();
    await until(async () => (await b.acquire([other])).isAllowed);
    expect(stream.isAllowed).toBe(true);
  });

  // T102: after a wrong clock was set right, what it wrote lies in the future.
  it('begins anew when what it reads was counted at a time to come', async () => {
    const { acquire } = await connect();
    const key = subject({ rpm: 1 });
    expect((await acquire([key])).isAllowed).toBe(true);
    expect((await acquire([key])).isAllowed).toBe(false);
    const name = `hub:limit:key:${key.id}`;
    const inAnHour = Number(await admin.hget(name, 'rh')) + 3600;
    await admin.hset(name, { rh: inAnHour, [`r${inAnHour % 61}`]: 1 });
    expect((await acquire([key])).isAllowed).toBe(true);
    expect((await acquire([key])).isAllowed).toBe(false);
  });

  it('leaves only keys of its own behind, each with an end', async () => {
    const { acquire } = await connect();
    await acquire([subject({ rpm: 1, tpm: 5, concurrency: 1 }), { scope: 'model', id: 'a:b', rpm: 3 }], 1);
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(3);
    for (const key of keys) {
      expect(key).toMatch(/^hub:limit:/);
      expect(await admin.pttl(key)).toBeGreaterThan(0);
    }
  });

  /** Asks for a second while something is wrong; every answer comes in time, and none fails. */
  async function underFire(acquire: () => Promise<LimitDecision>, ms = 1000): Promise<LimitDecision[]> {
    const decisions: LimitDecision[] = [];
    const endsAt = performance.now() + ms;
    while (performance.now() < endsAt) {
      const { decision, ms: waitedMs } = await timed(acquire);
      expect(waitedMs).toBeLessThan(DELAY_MS_MAX);
      decisions.push(decision);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return decisions;
  }

  const allowed = (decisions: readonly LimitDecision[]): number =>
    decisions.filter(({ isAllowed }) => isAllowed).length;

  /** True again for what only Redis knows: another instance's request counts. */
  async function isShared(a: Awaited<ReturnType<typeof connect>>, b: Awaited<ReturnType<typeof connect>>) {
    const key = subject({ rpm: 1 });
    return (await a.acquire([key])).isAllowed && !(await b.acquire([key])).isAllowed;
  }

  // T088
  it('goes by its own count while Redis is dead, and shares again afterwards', async () => {
    const [a, b] = [await connect(), await connect()];
    const key = subject({ rpm: 30 });
    for (let i = 0; i < 20; i++) await a.acquire([key]);
    await redis.stop();
    // 20 were let in before by this process, which remembers them.
    expect(allowed(await underFire(() => a.acquire([key])))).toBe(10);
    await redis.restart();
    await until(() => isShared(a, b));
  });

  it('waits 50 ms at most for a Redis that stands still, and mostly not at all', async () => {
    const [a, b] = [await connect({}, REDIS_PATIENCE_MS), await connect()];
    const key = subject({ rpm: 1_000_000, concurrency: 5 });
    redis.pause();
    try {
      const waits: number[] = [];
      for (let i = 0; i < 50; i++) {
        const { decision, ms } = await timed(() => a.acquire([key]));
        expect(decision.isAllowed).toBe(true);
        decision.ticket.finish(undefined);
        waits.push(ms);
      }
      expect(Math.max(...waits)).toBeLessThan(DELAY_MS_MAX);
      expect(waits.filter((ms) => ms > 40).length).toBeLessThanOrEqual(5);
    } finally {
      redis.resume();
    }
    await until(() => isShared(a, b));
  });

  // T090
  it('survives being flushed all the time, scripts included', async () => {
    const [a, b] = [await connect({ leaseMs: 300 }), await connect({ leaseMs: 300 })];
    const key = subject({ concurrency: 1 });
    const stream = await a.acquire([key]);
    const timer = setInterval(() => void admin.flushall().then(() => admin.script('FLUSH')), 100);
    const rpm = subject({ rpm: 1_000_000 });
    expect(allowed(await underFire(() => a.acquire([rpm])))).toBeGreaterThan(20);
    clearInterval(timer);
    await admin.ping();
    // The place of the stream comes back with the next word of its process.
    await until(async () => {
      const decision = await b.acquire([key]);
      decision.ticket.finish(undefined);
      return !decision.isAllowed;
    });
    stream.ticket.finish(undefined);
    await until(() => isShared(a, b));
  });

  // T091
  it.each([
    ['full', ['maxmemory', '1'], ['maxmemory', '0']],
    ['refusing writes', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
  ])('is degraded, not failing, while Redis is %s', async (_what, breakIt, mendIt) => {
    const [a, b] = [await connect(), await connect()];
    const key = subject({ rpm: 10, tpm: 10_000, concurrency: 10 });
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', ...(breakIt as [string, string]));
    try {
      const decisions = await underFire(() => a.acquire([key], 5));
      expect(allowed(decisions)).toBe(10);
      for (const { ticket } of decisions) ticket.finish(3);
    } finally {
      await admin.config('SET', ...(mendIt as [string, string]));
    }
    await until(() => isShared(a, b));
  });

  it('is degraded, not failing, with a read-only replica', async () => {
    const [a, b] = [await connect(), await connect()];
    const main = await startRedis();
    try {
      await admin.replicaof('127.0.0.1', new URL(main.url).port);
      expect(allowed(await underFire(() => a.acquire([subject({ rpm: 1 })])))).toBeGreaterThan(20);
    } finally {
      await admin.replicaof('NO', 'ONE');
      await main.stop();
    }
    await until(() => isShared(a, b));
  });
});
