import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { candidateOf, failure } from '../../../test/support/candidates.js';
import { describeWithRedis, type RedisServer, startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import { Cancellation } from '../../common/cancellation.js';
import { RedisService } from '../../redis/redis.service.js';
import { defineScript } from '../../redis/redis-script.js';
import { ChannelHealth } from './channel-health.js';
import { readNews, writeNews } from './health-news.js';
import { SharedHealth } from './shared-health.js';

const SIGNAL = new Cancellation();
/** What hubs wait for Redis is little: a busy machine may need more for what is no matter of patience. */
const PATIENT_MS = 20_000;
/** Says that scripts are answered. */
const READY = defineScript('return 1');
const one = candidateOf('1', { credential: 'sk-canary-of-a-credential' });

describeWithRedis('health of channels through Redis', () => {
  let redis: RedisServer;
  const services: RedisService[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const service of services.splice(0)) service.onApplicationShutdown();
    await redis.flush();
  });
  afterAll(() => redis?.stop());

  /** An instance of the hub; it has heard of Redis. */
  async function instance(patienceMs = PATIENT_MS) {
    const service = new RedisService(redis.url);
    services.push(service);
    await until(async () => (await service.status()) === 'ok');
    await until(async () => (await service.runScript(READY, [], []).catch(() => 0)) === 1);
    const shared = new SharedHealth(service, undefined, patienceMs);
    const health = new ChannelHealth({ sharing: shared, random: () => 0 });
    let isListening = false;
    service.subscribe('hub:test', () => {
      isListening = true;
    });
    await until(() => isListening);
    return { service, shared, health };
  }

  async function eject(health: ChannelHealth): Promise<void> {
    for (let i = 0; i < 5; i++) (await health.enter(one, SIGNAL, true)).fail(failure('timeout'));
  }

  const causeAt = (health: ChannelHealth) => health.stateOf(one).rest?.cause;

  it('tells all instances of rests, ejections and recoveries, and those that come later what still holds', async () => {
    const [a, b] = [await instance(), await instance()];
    a.health.note(candidateOf('2'), failure('out_of_money'));
    await until(() => b.health.reasonFor(candidateOf('2'))?.kind === 'out_of_money');
    await eject(a.health);
    await until(() => causeAt(b.health) === 'ejected');
    const late = await instance();
    await until(() => late.health.reasonFor(candidateOf('2')) !== undefined);
    expect(late.health.reasonFor(candidateOf('2'))?.retryAfterMs).toBeLessThanOrEqual(300_000);
    (await b.health.enter(one, SIGNAL, true)).succeed();
    await until(() => causeAt(a.health) === undefined && !a.health.stateOf(one).isHalfOpen);
    const later = await instance();
    await until(() => later.health.reasonFor(candidateOf('2')) !== undefined);
    expect(causeAt(later.health)).toBeUndefined();
  });

  it('keeps no credential and no word of an upstream in Redis', async () => {
    const { health, service } = await instance();
    health.note(one, failure('credential'));
    const { source } = { source: `return redis.call('HGETALL', 'hub:health')` };
    const kept = await until(async () => {
      const found = await service.runScript({ source, sha: '0'.repeat(40) }, [], []);
      return Array.isArray(found) && found.length > 0 && found;
    });
    const text = kept.map(String).join(' ');
    expect(text).toContain('"kind":"credential"');
    expect(text).not.toMatch(/canary|"no"/);
  });

  it('gives the probe to one instance at a time', async () => {
    const [a, b] = [await instance(), await instance()];
    await expect(a.shared.claimProbe('k')).resolves.toBe(true);
    await expect(b.shared.claimProbe('k')).resolves.toBe(false);
    await expect(a.shared.claimProbe('k')).resolves.toBe(true);
    b.shared.releaseProbe('k');
    await expect(b.shared.claimProbe('k')).resolves.toBe(false);
    a.shared.releaseProbe('k');
    await until(async () => await b.shared.claimProbe('k'));
  });

  it('frees the probe with what it has found out', async () => {
    const [a, b] = [await instance(), await instance()];
    await eject(a.health);
    await until(() => causeAt(b.health) === 'ejected');
    await until(() => a.health.stateOf(one).isHalfOpen && b.health.stateOf(one).isHalfOpen);
    const probe = await a.health.enter(one, SIGNAL);
    await expect((async () => await b.health.enter(one, SIGNAL))()).rejects.toMatchObject({ kind: 'timeout' });
    probe.fail(failure('timeout'));
    await until(() => causeAt(b.health) === 'ejected');
    await until(() => b.health.stateOf(one).isHalfOpen);
    (await b.health.enter(one, SIGNAL)).succeed();
    await until(() => a.health.stateOf(one).isSound && causeAt(a.health) === undefined);
  });

  it('goes alone while Redis is silent or away: nobody waits, and nothing fails', async () => {
    const { shared, health } = await instance(50);
    redis.pause();
    try {
      await expect(shared.claimProbe('k')).resolves.toBe(true);
      // From now on nobody asks.
      expect(shared.claimProbe('k')).toBeUndefined();
    } finally {
      redis.resume();
    }
    await redis.stop();
    await eject(health);
    expect(causeAt(health)).toBe('ejected');
    await until(() => health.stateOf(one).isHalfOpen);
    (await health.enter(one, SIGNAL)).succeed();
    expect(causeAt(health)).toBeUndefined();
    await redis.restart();
  });
});

describe('the claim of a probe', () => {
  // A busy loop runs its timers late and before its sockets.
  it('is what Redis has answered in time, though nobody had looked', async () => {
    const redis = {
      isEnabled: true,
      subscribe: () => undefined,
      runScript: () => new Promise((resolve) => setTimeout(resolve, 6, 0)),
    };
    const shared = new SharedHealth(redis, undefined, 5);
    const claims = ['a', 'b'].map((key) => shared.claimProbe(key));
    const endsAt = performance.now() + 30;
    while (performance.now() < endsAt);
    expect(await Promise.all(claims)).toEqual([false, false]);
    // Nor is Redis taken to be away.
    await expect(shared.claimProbe('c')).resolves.toBeDefined();
  });
});

describe('news of the health of channels', () => {
  it('are read as they were written', () => {
    const news = { type: 'ejected', key: 'a b', error: failure('timeout'), restMs: 1500, rests: 2 } as const;
    expect(readNews(writeNews(news, 'me'))).toMatchObject({
      from: 'me',
      news: { type: 'ejected', key: 'a b', error: { kind: 'timeout' }, restMs: 1500, rests: 2 },
    });
    expect(readNews(writeNews({ type: 'recovered', key: 'k' }, 'me'))?.news).toEqual({ type: 'recovered', key: 'k' });
    expect(readNews(writeNews(news, 'me'), 700)?.news).toMatchObject({ restMs: 700 });
  });

  it.each([
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"from":"a","type":"told","key":"k"}',
    '{"from":"a","type":"told","key":"k","kind":"invalid_request","restMs":5}',
    '{"from":"a","type":"told","key":"k","kind":"credential","restMs":-5}',
    '{"from":"a","type":"other","key":"k","kind":"credential","restMs":5}',
    '{"from":1,"type":"recovered","key":"k"}',
  ])('are nothing when they are anything else: %s', (text) => {
    expect(readNews(text)).toBeUndefined();
  });
});
