import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Database } from '../../src/database/database.js';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { Random } from '../simulation/random.js';
import { balanceOf, bookedRequest, openHolds, setAvailable, UNIT } from '../support/books.js';
import { type FakeUpstream, fakeCommand, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { inTurns } from '../support/in-turns.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { askChat } from '../support/relay-client.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const RICH = 1_000_000n * UNIT;
const CRASHES = 3;

describeWithPostgres('a hub with its books in PostgreSQL', () => {
  let upstream: FakeUpstream;
  let postgres: PostgresServer;
  let hub: TestHub;
  beforeAll(async () => {
    [upstream, postgres] = await Promise.all([startFakeUpstream(), startPostgres()]);
    const database = await Database.open(databaseOf(postgres));
    const channels = [{ name: 'main', baseUrl: upstream.url }];
    hub = await startHub({ database, channels });
    // What loads with the first request takes longer than the ledger's patience on a busy machine.
    await (await askChat(hub)).arrayBuffer();
  });
  beforeEach(async () => {
    upstream.reset();
    upstream.script({ in: 10, out: 20 });
    await setAvailable(hub.sql, hub.accountId, RICH);
  });
  afterAll(async () => {
    await hub?.close();
    await postgres?.stop();
    await upstream?.close();
  });

  const chat = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20 };

  function newClient(): Client {
    const client = new Client(postgres.url);
    // A refused or broken connection is told to whoever uses it.
    client.on('error', () => undefined);
    return client;
  }

  /** Runs something on a connection of its own, which no time limit of the hub ends. */
  async function besides<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = newClient();
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Long before the lease of a hold ends, which is a minute: none is left to the sweeper. */
  async function isQuiet(timeoutMs = 30_000): Promise<void> {
    await until(async () => hub.app.get(RunRegistry).size === 0 && (await openHolds(hub.sql)) === 0, timeoutMs);
  }

  // T111
  it('sends nothing upstream for clients that left while their money could not be set aside', async () => {
    const leaving = new AbortController();
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const lock = besides(async (client) => {
      await client.query('begin');
      await client.query('select id from account where id = $1 for update', [hub.accountId]);
      held.resolve();
      await release.promise;
      await client.query('commit');
    });
    await held.promise;
    const sockets = new Set<Socket>();
    const server = hub.app.getHttpServer() as Server;
    // Counted once their request is read: a connection still in the backlog would be served after the clients had left.
    const note = ({ socket }: IncomingMessage) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    };
    server.on('request', note);
    const before = await balanceOf(hub.sql, hub.accountId);
    const staying = Array.from({ length: 5 }, () => hub.post(CHAT, chat));
    const gone = Array.from({ length: 30 }, () =>
      hub.post(CHAT, chat, { signal: leaving.signal }).catch((error: Error) => error.name),
    );
    await until(() => sockets.size === staying.length + gone.length);
    server.off('request', note);
    const isWaiting = `select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'`;
    await until(async () => (await hub.sql.query<{ count: number }>(isWaiting))[0]!.count > 0);
    leaving.abort();
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['AbortError']));
    await until(() => sockets.size === staying.length);
    release.resolve();
    await lock;
    const answers = await Promise.all(staying);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await isQuiet();
    expect(upstream.requests.length).toBe(5);
    expect((await balanceOf(hub.sql, hub.accountId)).used - before.used).toBe(5n * 50n * UNIT);
  });

  // T111: the hub's own deadline, 2.5 s.
  it('sends nothing upstream for requests that waited too long, and holds nothing for them', async () => {
    const before = await balanceOf(hub.sql, hub.accountId);
    const answers = await besides(async (client) => {
      await client.query('begin');
      await client.query('select id from account where id = $1 for update', [hub.accountId]);
      const all = await Promise.all(Array.from({ length: 20 }, () => hub.post(CHAT, chat)));
      await client.query('commit');
      return all;
    });
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await askChat(hub, chat)).status).toBe(200);
    await isQuiet();
    expect(upstream.requests.length).toBe(1);
    expect((await balanceOf(hub.sql, hub.accountId)).used - before.used).toBe(50n * UNIT);
  });

  // T099: that a report is cut after its time is in usage-roll-up.spec.ts, its price for the relay in docs/reliability.md.
  it('serves chats, also with keys it must look up, while a dozen reports stand still', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => hub.createKey()));
    const reports = await besides(async (client) => {
      await client.query('begin');
      await client.query('lock table usage_hour in access exclusive mode');
      let answered = 0;
      const asked = Array.from({ length: 12 }, () =>
        hub.fetch('/api/user/usage').finally(() => {
          answered++;
        }),
      );
      const isStuck = `select count(*)::int as count from pg_stat_activity
                        where application_name = 'ug-ai-hub reports' and wait_event_type = 'Lock'`;
      await until(async () => (await hub.sql.query<{ count: number }>(isStuck))[0]!.count === 2);
      const statuses = await inTurns(keys.length, 10, async (index) => {
        const answer = await hub.post(CHAT, chat, { key: keys[index]!.key });
        await answer.arrayBuffer();
        return answer.status;
      });
      expect(new Set(statuses)).toEqual(new Set([200]));
      // Those that got no connection of the two that reports have.
      await until(() => answered === 10);
      await client.query('commit');
      return await Promise.all(asked);
    });
    const statuses = reports.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, ...Array.from({ length: 10 }, () => 503)]);
    for (const report of reports.filter(({ status }) => status === 503)) {
      expect(await report.json()).toMatchObject({ success: false, code: 'report_too_slow' });
    }
  });

  // T101
  it('goes on when others use up all connections; another instance says so and does not start', async () => {
    // All of its pools are full, as they are under load.
    await inTurns(60, 30, async () => await (await hub.post(CHAT, chat)).arrayBuffer());
    const taken: Client[] = [];
    const takeAll = async (): Promise<void> => {
      for (;;) {
        const client = newClient();
        if (!(await client.connect().then(...trueOrFalse))) return;
        taken.push(client);
      }
    };
    try {
      // Again where the hub has given up a connection meanwhile that it had not used for long.
      const message = await until(async () => {
        await takeAll();
        return await Database.open(databaseOf(postgres)).then(
          (database) => database.close(),
          (error: Error) => error.message,
        );
      });
      expect(taken.length).toBeGreaterThan(50);
      expect(message).toContain('The database that DATABASE_URL names cannot be used: sorry, too many clients already');
      const statuses = await inTurns(50, 4, async () => (await hub.post(CHAT, chat)).status);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect((await hub.fetch('/api/health/ready')).status).toBe(200);
    } finally {
      await Promise.all(taken.map((client) => client.end()));
    }
    const late = await Database.open(databaseOf(postgres));
    await late.close();
  });

  // T094; `npm run test:nemesis` has ten minutes of it.
  it('loses nothing that a client has seen when PostgreSQL crashes under load', async () => {
    const random = new Random(Date.now());
    const seen: { id: string; status: number; cost: bigint }[] = [];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        const usage = { in: random.between(1, 50), out: random.between(1, 50) };
        const messages = [{ role: 'user', content: fakeCommand(usage) }];
        const answer = await askChat(hub, { messages, max_tokens: 60 });
        await answer.arrayBuffer();
        const cost = BigInt(usage.in + 2 * usage.out) * UNIT;
        seen.push({ id: answer.headers.get('x-request-id')!, status: answer.status, cost });
      }
    };
    const clients = Array.from({ length: 20 }, client);
    const succeeded = () => seen.filter(({ status }) => status === 200).length;
    const goOn = async (): Promise<void> => {
      const before = succeeded();
      await until(() => succeeded() >= before + 60);
    };
    try {
      for (let crash = 0; crash < CRASHES; crash++) {
        await goOn();
        await postgres.crash();
        // Up again at once it is hardly noticed; the last time it stays away for longer than requests wait.
        if (crash === CRASHES - 1) await until(() => seen.some(({ status }) => status === 503));
        await postgres.restart();
      }
      await goOn();
    } finally {
      isOver = true;
      await Promise.all(clients);
    }
    await isQuiet();
    const wrong: object[] = [];
    for (const { id, status, cost } of seen) {
      const request = await bookedRequest(hub.sql, id);
      const settled = request?.settled ?? 0n;
      // Refused for want of a hold: nothing. Answered too late to say so: nothing or the cost.
      const isRight = settled === cost || (status !== 200 && settled === 0n);
      if (!isRight) wrong.push({ id, status, cost, request });
    }
    expect(wrong).toEqual([]);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });
});

const trueOrFalse = [() => true, () => false] as const;

function databaseOf(postgres: PostgresServer) {
  return { url: postgres.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4 };
}
