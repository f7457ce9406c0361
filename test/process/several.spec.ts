import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { REFRESH_AFTER_MS } from '../../src/auth/api-key-cache.js';
import { runCli as runCliHere } from '../../src/cli/run-cli.js';
import { generateApiKey } from '../../src/common/api-key.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { CLI_COMMAND, type HubProcess, launch, startHubProcess } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { askChat, chatStatus, configOf } from './hub-calls.js';

/** How long a revocation may take, with Redis and without; the last for a hub that is busy just then. */
const WITH_REDIS_MS = 1000;
const WITHOUT_REDIS_MS = 5000 + 500;
const DRAIN_MS = 500;
/** What the hub itself allows beyond the drain window, and what a busy machine adds. */
const STOP_MS_MAX = 5_000 + 10_000;

let upstream: FakeUpstream;
let postgres: PostgresServer;
const shared = {
  HUB_API_KEY: generateApiKey(),
  HUB_MASTER_KEY: randomBytes(32).toString('base64'),
  // Health is asked for until it has changed, however long that takes.
  HUB_PUBLIC_RPM: '1000000',
};

async function runCli(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const cli = launch([...CLI_COMMAND, ...args], env);
  expect({ ...(await cli.ended), stderr: cli.stderr() }).toMatchObject({ code: 0 });
  return cli.stdout().trim();
}

async function health(hub: HubProcess): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${hub.url}/api/health`);
  return { status: answer.status, body: await answer.json() };
}

/** How soon hubs refused a revoked key, in milliseconds. */
interface Revocation {
  /** Since it was revoked. */
  readonly sinceRevokedMs: number;
  /** Since the hubs first asked the database for it. */
  readonly sinceKnownMs: number;
  /** The same by the clock on the wall, which the hubs go by. */
  readonly sinceKnownOnWallMs: number;
}

/** Revokes a key that all these hubs know, and waits until all refuse it. */
async function revoke(env: Readonly<Record<string, string>>, hubs: readonly HubProcess[]): Promise<Revocation> {
  const name = `revoked ${Math.random()}`;
  const key = await runCli(env, 'key:create', '--name', name);
  const knownAt = quietNow(hubs);
  const knownOnWallAt = performance.now();
  expect(await Promise.all(hubs.map((hub) => chatStatus(hub, key)))).toEqual(hubs.map(() => 200));
  // Here, because a process of its own takes about as long to start as a hub believes what it knows of a key.
  const argv = ['key:revoke', '--name', name, '--last4', key.slice(-4)];
  expect(await runCliHere({ argv, env, readStdin: async () => '' })).toMatchObject({ exitCode: 0 });
  const revokedAt = quietNow(hubs);
  await until(async () =>
    (await Promise.all(hubs.map((hub) => chatStatus(hub, key)))).every((status) => status === 403),
  );
  const refusedAt = quietNow(hubs);
  return {
    sinceRevokedMs: refusedAt - revokedAt,
    sinceKnownMs: refusedAt - knownAt,
    sinceKnownOnWallMs: performance.now() - knownOnWallAt,
  };
}

async function modelStatus(hub: HubProcess, model: string): Promise<number> {
  const answer = await askChat(hub, { model });
  await answer.arrayBuffer();
  return answer.status;
}

beforeAll(() => Logger.overrideLogger(false));

describeWithPostgres('several hubs on PostgreSQL', () => {
  beforeAll(async () => {
    [upstream, postgres] = await Promise.all([startFakeUpstream(), startPostgres()]);
  });
  afterAll(async () => {
    await postgres?.stop();
    await upstream?.close();
  });
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    ...shared,
    DATABASE_URL: postgres.url,
    ...more,
  });

  let hubs: readonly HubProcess[];
  beforeAll(async () => {
    const options = { env: environment({ HUB_DRAIN_TIMEOUT_MS: String(DRAIN_MS) }), config: configOf(upstream.url) };
    hubs = await Promise.all(Array.from({ length: 3 }, () => startHubProcess(options)));
  });

  it('set up one empty database together, once', async () => {
    for (const hub of hubs) expect(await chatStatus(hub)).toBe(200);
    const banners = hubs.map((hub) => hub.stdout()).filter((text) => text.includes('Administrator:'));
    expect(banners).toHaveLength(1);
    const keys = await runCli(environment(), 'key:list');
    expect(keys.split('\n')).toHaveLength(2);
  });

  it('revoke for each other within 5 s, and change channels for each other', async () => {
    const { sinceRevokedMs } = await revoke(environment(), hubs);
    expect(sinceRevokedMs).toBeLessThan(WITHOUT_REDIS_MS);
    const statuses = () => Promise.all(hubs.map((hub) => modelStatus(hub, 'gpt-5')));
    expect(await statuses()).toEqual([404, 404, 404]);
    const other = await startHubProcess({ env: environment(), config: configOf(upstream.url, 'gpt-4:, gpt-5: gpt-4') });
    // The model came into the one declaration that they share.
    await until(async () => (await statuses()).every((status) => status === 200));
    await other.stop();
  });

  it('answer 503, never 401, while the database is away, and stop in time although it does not answer', async () => {
    const hub = hubs[0]!;
    const unseen = await runCli(environment(), 'key:create', '--name', 'unseen');
    expect(await chatStatus(hub)).toBe(200);
    await postgres.crash();
    // Nothing is let through that cannot be paid for, and nobody is told that a good key is a bad one.
    expect(await chatStatus(hub)).toBe(503);
    expect(await chatStatus(hub, unseen)).toBe(503);
    // A report is kept for half a second.
    await until(async () => (await health(hub)).status === 503);
    expect((await health(hub)).body).toEqual({ status: 'error', checks: { db: 'error', redis: 'disabled' } });
    await postgres.restart();
    await until(async () => (await health(hub)).status === 200);
    expect(await chatStatus(hub, unseen)).toBe(200);
    postgres.pause();
    const { ms } = await hub.stop();
    postgres.resume();
    expect(ms).toBeLessThan(DRAIN_MS + STOP_MS_MAX);
  });
});

describeWithRedis('hubs with Redis', () => {
  describeWithPostgres('and PostgreSQL', () => {
    let redis: RedisServer;
    beforeAll(async () => {
      [upstream, postgres, redis] = await Promise.all([startFakeUpstream(), startPostgres(), startRedis()]);
    });
    afterAll(async () => {
      await Promise.all([redis?.stop(), postgres?.stop(), upstream?.close()]);
    });

    it('revoke for each other within 1 s, and serve on without it', async () => {
      const env = { ...shared, DATABASE_URL: postgres.url, REDIS_URL: redis.url };
      const hubs = await Promise.all([1, 2].map(() => startHubProcess({ env, config: configOf(upstream.url) })));
      const told = await revoke(env, hubs);
      expect(told.sinceRevokedMs).toBeLessThan(WITH_REDIS_MS);
      // They were told: none had come to ask the database again by itself.
      expect(told.sinceKnownMs).toBeLessThan(REFRESH_AFTER_MS);
      expect((await health(hubs[0]!)).body).toEqual({ status: 'ok', checks: { db: 'ok', redis: 'ok' } });
      await redis.stop();
      for (const hub of hubs) {
        expect(await chatStatus(hub)).toBe(200);
        // A report is kept for half a second.
        await until(async () => JSON.stringify((await health(hub)).body).includes('"redis":"error"'));
        expect((await health(hub)).status).toBe(200);
      }
      const untold = await revoke(env, hubs);
      expect(untold.sinceRevokedMs).toBeLessThan(WITHOUT_REDIS_MS);
      expect(untold.sinceKnownOnWallMs).toBeGreaterThan(REFRESH_AFTER_MS);
      await redis.restart();
      await until(async () => JSON.stringify((await health(hubs[0]!)).body).includes('"redis":"ok"'));
    });
  });
});
