import { setTimeout as sleep } from 'node:timers/promises';
import { balanceOf, openHolds, UNIT } from '../support/books.js';
import { fakeCommand } from '../support/fake-upstream.js';
import type { HubProcess } from '../support/hub-process.js';
import { brokenInvariants } from '../support/ledgers.js';
import { describeWithPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { type BooksHubs, startBooksHubs } from './books-hubs.js';
import { askChat, chatStatus } from './hub-calls.js';

const STREAMS = 20;

let hubs: BooksHubs;

/** Texts of streams as far as they have come. */
interface Live {
  text: string;
  readonly ended: Promise<void>;
}

function openStream(hub: HubProcess, apiKey: string, command: Parameters<typeof fakeCommand>[0]): Live {
  const read = async (): Promise<void> => {
    const answer = await askChat(
      hub,
      { stream: true, max_tokens: 1000, messages: [{ role: 'user', content: fakeCommand(command) }] },
      apiKey,
    );
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) live.text += chunk;
  };
  const live: Live = { text: '', ended: Promise.resolve().then(read) };
  live.ended.catch(() => undefined);
  return live;
}

/** Keeps asking until it is told to stop; counts answers by status, and notes what was slow. */
function startTraffic(all: readonly HubProcess[], apiKey: string, lanes: number) {
  const statuses = new Map<number, number>();
  let isOver = false;
  const lane = async (index: number): Promise<void> => {
    while (!isOver) {
      const hub = all[index % all.length]!;
      const answer = await askChat(
        hub,
        { messages: [{ role: 'user', content: fakeCommand({ in: 10, out: 20 }) }] },
        apiKey,
      );
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      await sleep(20);
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return {
    statuses,
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

describeWithPostgres('while PostgreSQL does not answer', () => {
  beforeAll(async () => {
    // A heartbeat or two fall into the outage, and no stream may be swept for that.
    hubs = await startBooksHubs({ HUB_HOLD_LEASE_MS: '30000' });
  });
  afterAll(() => hubs?.stop());

  // T092
  it('new work is refused within 3 s, streams flow on, and afterwards everything is settled', async () => {
    const { accountId, apiKey } = await hubs.customer(1_000_000n);
    const both = [hubs.first, hubs.second];
    // The first prompt takes longest, and all are to begin at about the same time.
    expect(await Promise.all(both.map((hub) => chatStatus(hub, apiKey)))).toEqual([200, 200]);
    // 3.5 s and 7 s: they begin before, and some end while nothing can be settled.
    const streams = Array.from({ length: STREAMS }, (_, index) =>
      openStream(both[index % 2]!, apiKey, { in: 10, out: 20, tokens: index < STREAMS / 2 ? 100 : 200, token_ms: 35 }),
    );
    await until(() => streams.every(({ text }) => text.includes('"content"')));
    hubs.postgres.pause();
    const pausedAt = quietNow();
    try {
      // The short ones may be over by now.
      const flowing = streams.slice(STREAMS / 2);
      const lengths = flowing.map(({ text }) => text.length);
      const refusals = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const askedAt = quietNow(both);
          const answer = await askChat(both[index % 2]!, {}, apiKey);
          await answer.arrayBuffer();
          return {
            status: answer.status,
            retryAfter: answer.headers.get('retry-after'),
            ms: quietNow(both) - askedAt,
          };
        }),
      );
      for (const { status, retryAfter, ms } of refusals) {
        expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
        expect(ms).toBeLessThan(3_500);
      }
      for (const [index, { text }] of flowing.entries()) expect(text.length).toBeGreaterThan(lengths[index]!);
      await sleep(Math.max(0, 5_000 - (quietNow() - pausedAt)));
    } finally {
      hubs.postgres.resume();
    }
    const resumedAt = quietNow(both);
    await until(async () => (await chatStatus(hubs.first, apiKey)) === 200);
    expect(quietNow(both) - resumedAt).toBeLessThan(5_000);
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { text } of streams) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    await until(async () => (await openHolds(hubs.sql)) === 0);
    const [streamed] = await hubs.sql.query<{ count: number; total: string }>(
      `select count(*)::int as count, sum(settled) as total from hold where account_id = $1 and kind = 'stream'`,
      [accountId],
    );
    expect(streamed).toEqual({ count: STREAMS, total: String(BigInt(STREAMS) * 50n * UNIT) });
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });
});

describeWithRedis('while Redis is killed and emptied', () => {
  describeWithPostgres('under load', () => {
    let redis: RedisServer;
    beforeAll(async () => {
      redis = await startRedis();
      hubs = await startBooksHubs({ REDIS_URL: redis.url });
    });
    afterAll(async () => {
      await hubs?.stop();
      await redis?.stop();
    });

    // T088, T090
    it('no request fails and no money goes astray', async () => {
      const { accountId, apiKey } = await hubs.customer(1_000_000n);
      const traffic = startTraffic([hubs.first, hubs.second], apiKey, 16);
      await until(() => (traffic.statuses.get(200) ?? 0) > 20);
      for (let round = 0; round < 3; round++) {
        await redis.flush();
        await sleep(300);
      }
      await redis.stop();
      const before = traffic.statuses.get(200) ?? 0;
      await sleep(2_500);
      await redis.restart();
      await sleep(500);
      await traffic.stop();
      expect([...traffic.statuses.keys()]).toEqual([200]);
      const count = traffic.statuses.get(200) ?? 0;
      expect(count).toBeGreaterThan(before + 20);
      expect((await balanceOf(hubs.sql, accountId)).used).toBe(BigInt(count) * 50n * UNIT);
      expect(await openHolds(hubs.sql)).toBe(0);
      expect(await brokenInvariants(hubs.sql)).toEqual([]);
    });
  });
});
