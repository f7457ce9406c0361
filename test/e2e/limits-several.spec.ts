import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';

const CHAT = '/api/relay/v1/chat/completions';
const RPM = 60;
const TPM = 10_000;

// T113 over HTTP; steady excess over minutes is in rate-limiter.spec.ts and limits-redis.spec.ts, on shorter minutes.
describeWithRedis('limits of a key that is used on two hubs', () => {
  describeWithPostgres('with Redis and PostgreSQL', () => {
    let upstream: FakeUpstream;
    let postgres: PostgresServer;
    let redis: RedisServer;
    const hubs: TestHub[] = [];
    beforeAll(async () => {
      [upstream, postgres, redis] = await Promise.all([startFakeUpstream(), startPostgres(), startRedis()]);
      const env = { HUB_MASTER_KEY: randomBytes(32).toString('base64'), REDIS_URL: redis.url };
      for (const _ of ['A', 'B']) {
        const database = await Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
        hubs.push(await startHub({ database, env, channels: [{ name: 'main', baseUrl: upstream.url }] }));
      }
    });
    beforeEach(() => upstream.reset());
    afterAll(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
      await Promise.all([redis?.stop(), postgres?.stop(), upstream?.close()]);
    });

    /** Asks so often, of both in turn, all at once. */
    async function burst(count: number, key: string): Promise<Response[]> {
      const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 90 };
      const ask = (_: unknown, index: number) => hubs[index % 2]!.post(CHAT, body, { key });
      return await Promise.all(Array.from({ length: count }, ask));
    }

    const numbers = (answers: readonly Response[], name: string): number[] =>
      answers.map(({ headers }) => Number(headers.get(name))).sort((a, b) => a - b);

    it('let in exactly what they say in requests, and no second burst soon after', async () => {
      const { key } = await hubs[0]!.createKey({ limits: { rpm: RPM } });
      const answers = await burst(3 * RPM, key);
      const allowed = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status === 429);
      expect([allowed.length, refused.length]).toEqual([RPM, 2 * RPM]);
      expect(numbers(allowed, 'x-ratelimit-remaining-requests')).toEqual(
        Array.from({ length: RPM }, (_, left) => left),
      );
      expect(new Set(numbers(answers, 'x-ratelimit-limit-requests'))).toEqual(new Set([RPM]));
      expect(numbers(refused, 'retry-after')[0]).toBeGreaterThan(0);
      for (let second = 0; second < 2; second++) {
        await delay(1000);
        expect((await burst(20, key)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429));
      }
      expect(upstream.requests.length).toBe(RPM);
    });

    it('let in exactly what they say in tokens, by estimate while requests run', async () => {
      const { key } = await hubs[1]!.createKey({ limits: { tpm: TPM } });
      // None of them ends, and gives back what it did not use, before all have asked.
      upstream.script({ delay_ms: 2000 });
      const answers = await burst(150, key);
      const allowed = answers.filter(({ status }) => status === 200);
      const left = numbers(allowed, 'x-ratelimit-remaining-tokens');
      const each = TPM - left.at(-1)!;
      expect(each).toBeGreaterThan(90);
      expect(left.reverse()).toEqual(
        Array.from({ length: Math.floor(TPM / each) }, (_, index) => TPM - (index + 1) * each),
      );
      expect(answers.filter(({ status }) => status === 429).length).toBe(150 - allowed.length);
    });
  });
});
