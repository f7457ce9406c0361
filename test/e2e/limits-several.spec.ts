import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { RedisGate } from '../../src/limits/redis-gate.js';
import { type AnsweringUpstream, sendJson, startAnsweringUpstream } from '../support/answering-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const RPM = 60;
const TPM = 10_000;
const ANSWER = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 },
};

// T113 over HTTP; steady excess over minutes is in rate-limiter.spec.ts and limits-redis.spec.ts, on shorter minutes.
describeWithRedis('limits of a key that is used on two hubs', () => {
  describeWithPostgres('with Redis and PostgreSQL', () => {
    let upstream: AnsweringUpstream;
    let postgres: PostgresServer;
    let redis: RedisServer;
    const hubs: TestHub[] = [];
    beforeAll(async () => {
      [upstream, postgres, redis] = await Promise.all([startAnsweringUpstream(), startPostgres(), startRedis()]);
      const env = { HUB_MASTER_KEY: randomBytes(32).toString('base64'), REDIS_URL: redis.url };
      for (const _ of ['A', 'B']) {
        const database = await Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
        const hub = await startHub({ database, env, channels: [{ name: 'main', baseUrl: upstream.url }] });
        // A busy machine may keep Redis from answering in 50 ms; that each hub counts alone then is in limits-redis.spec.ts.
        Object.assign(hub.app.get(RedisGate), { patienceMs: 60_000 });
        hubs.push(hub);
      }
      upstream.answer = (_, response) => sendJson(response, ANSWER);
      // What loads with the first request takes longer than the ledger's patience on a busy machine.
      for (const hub of hubs) expect((await ask(hub, hub.apiKey)).status).toBe(200);
    });
    beforeEach(() => {
      (upstream.heard as unknown[]).length = 0;
      upstream.answer = (_, response) => sendJson(response, ANSWER);
    });
    afterAll(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
      await Promise.all([redis?.stop(), postgres?.stop(), upstream?.close()]);
    });

    function ask(hub: TestHub, key: string): Promise<Response> {
      const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 90 };
      return hub.post(CHAT, body, { key });
    }

    /** Asks so often, of both in turn, all at once. */
    async function burst(count: number, key: string, onAnswer?: (answer: Response) => void): Promise<Response[]> {
      const one = async (_: unknown, index: number): Promise<Response> => {
        const answer = await ask(hubs[index % 2]!, key);
        onAnswer?.(answer);
        return answer;
      };
      return await Promise.all(Array.from({ length: count }, one));
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
      expect(upstream.heard.length).toBe(RPM);
    });

    it('let in exactly what they say in tokens, by estimate while requests run', async () => {
      const { key } = await hubs[1]!.createKey({ limits: { tpm: TPM } });
      // None of them ends, and gives back what it did not use, before all have asked.
      const held: ServerResponse[] = [];
      upstream.answer = (_, response) => held.push(response);
      let refusedCount = 0;
      const bursting = burst(150, key, ({ status }) => {
        if (status === 429) refusedCount++;
      });
      await until(() => held.length + refusedCount === 150);
      for (const response of held) sendJson(response, ANSWER);
      const answers = await bursting;
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
