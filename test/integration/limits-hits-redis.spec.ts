import { Logger } from '@nestjs/common';
import { AttemptThrottle } from '../../src/limits/attempt-throttle.js';
import { FailedKeys } from '../../src/limits/failed-keys.js';
import { HitStore } from '../../src/limits/hit-store.js';
import { RedisGate } from '../../src/limits/redis-gate.js';
import { ThrottleStorage } from '../../src/limits/throttle.storage.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

/** What is tested is what is counted, and not how long a server on a busy machine may take for it. */
const PATIENCE_MS = 900;

describeWithRedis('hits with Redis', () => {
  let redis: RedisServer;
  const services: RedisService[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
  });
  afterEach(() => {
    for (const service of services.splice(0)) service.onApplicationShutdown();
  });
  afterAll(() => redis?.stop());

  /** A store with a connection of its own, as another process has it. */
  async function connect(): Promise<HitStore> {
    const service = new RedisService(redis.url);
    services.push(service);
    await until(async () => (await service.runScript({ source: 'return 1', sha: '' }, [], []).catch(() => 0)) === 1);
    return new HitStore(new RedisGate(service, undefined, PATIENCE_MS));
  }

  it('counts on all instances together, and frees what has left the window', async () => {
    const [a, b] = [await connect(), await connect()];
    const limits = { limit: 6, windowMs: 3000 };
    for (let i = 0; i < 3; i++) {
      expect(await a.hit('x', limits)).toMatchObject({ isAllowed: true, count: 2 * i + 1 });
      expect(await b.hit('x', limits)).toMatchObject({ isAllowed: true, count: 2 * i + 2 });
    }
    const refused = await a.hit('x', limits);
    expect(refused).toMatchObject({ isAllowed: false, count: 6 });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    // The window slides in sixty steps, so the wait is up to one of them longer than the window.
    expect(refused.retryAfterMs).toBeLessThanOrEqual(3050);
    expect(await b.look('x', limits)).toMatchObject({ isAllowed: false, count: 6 });
    await until(async () => (await b.look('x', limits)).count === 0);
    expect(await a.hit('x', limits)).toMatchObject({ isAllowed: true, count: 1 });
  });

  it('serves the throttler, whose times are seconds', async () => {
    const [a, b] = [new ThrottleStorage(await connect()), new ThrottleStorage(await connect())];
    expect(await a.increment('y', 60_000, 1)).toMatchObject({ totalHits: 1, isBlocked: false });
    const { isBlocked, timeToBlockExpire } = await b.increment('y', 60_000, 1);
    expect(isBlocked).toBe(true);
    expect(timeToBlockExpire).toBeGreaterThanOrEqual(59);
    expect(timeToBlockExpire).toBeLessThanOrEqual(61);
  });

  it('stops attempts that another instance has counted', async () => {
    const limits = { limit: 4, windowMs: 600_000 };
    const [a, b] = [await connect(), await connect()].map((store) => new AttemptThrottle(store, 'redemption', limits));
    for (let i = 0; i < 2; i++) {
      await a!.note(['account:1', 'ip:a']);
      await b!.note(['account:1', `ip:${i}`]);
    }
    await expect(b!.check(['account:1'])).rejects.toMatchObject({ status: 429, code: 'too_many_attempts' });
    await b!.check(['ip:a']);
  });

  it('stops a guesser who goes from instance to instance', async () => {
    const [a, b] = [new FailedKeys(await connect()), new FailedKeys(await connect())];
    for (let i = 0; i < 50; i++) await Promise.all([a.note('203.0.113.9'), b.note('203.0.113.9')]);
    expect(a.isAnyBlocked).toBe(false);
    await a.note('203.0.113.9');
    expect(() => a.check('203.0.113.9')).toThrow(expect.objectContaining({ status: 429 }));
    a.check('203.0.113.10');
  });

  it('goes by what this process has let in while Redis is dead, and shares again afterwards', async () => {
    const [a, b] = [await connect(), await connect()];
    const limits = { limit: 10, windowMs: 600_000 };
    for (let i = 0; i < 4; i++) await a.hit('z', limits);
    await redis.stop();
    for (let i = 4; i < 10; i++) expect(await a.hit('z', limits)).toMatchObject({ isAllowed: true });
    expect(await a.hit('z', limits)).toMatchObject({ isAllowed: false });
    expect(await a.look('z', limits)).toMatchObject({ isAllowed: false, count: 10 });
    await redis.restart();
    let n = 0;
    await until(async () => {
      const key = `again:${n++}`;
      const one = { limit: 1, windowMs: 600_000 };
      return (await a.hit(key, one)).isAllowed && !(await b.hit(key, one)).isAllowed;
    });
  });
});
