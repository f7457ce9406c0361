import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { generateApiKey } from '../../src/common/api-key.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { CLI_COMMAND, type HubProcess, launch, runHubToEnd, startHubProcess } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { chatStatus, configOf } from './hub-calls.js';

const OLD = randomBytes(32).toString('base64');
const NEW = randomBytes(32).toString('base64');
/** Enough to meet every moment, and few enough to leave the commands a processor. */
const CALLERS = 2;

/** What protects secrets in the database. */
interface Stored {
  /** The ids of the keys, and their bytes under the master key. */
  readonly keys: ReadonlyMap<string, string>;
  readonly credential: string;
}

/** Asks one hub for chats without a pause, until it is told to stop. */
class Load {
  readonly statuses: number[] = [];
  private isOver = false;
  private readonly callers: Promise<unknown>;

  constructor(private readonly hub: HubProcess) {
    this.callers = Promise.all(Array.from({ length: CALLERS }, () => this.call()));
  }

  /** Waits until this many more requests have been answered. */
  async more(count: number): Promise<void> {
    const wanted = this.statuses.length + count;
    await until(() => this.statuses.length >= wanted);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.callers;
  }

  private async call(): Promise<void> {
    while (!this.isOver) this.statuses.push(await chatStatus(this.hub));
  }
}

// T156, T157
describeWithPostgres('the keys that protect what is stored', () => {
  let postgres: PostgresServer;
  let upstream: FakeUpstream;
  let reader: Client;
  const apiKey = generateApiKey();
  const env = (masterKey: string) => ({
    HUB_API_KEY: apiKey,
    HUB_MASTER_KEY: masterKey,
    DATABASE_URL: postgres.url,
  });

  beforeAll(async () => {
    [postgres, upstream] = await Promise.all([startPostgres(), startFakeUpstream()]);
    reader = new Client(postgres.url);
    await reader.connect();
  });
  afterAll(async () => {
    await reader?.end();
    await Promise.all([postgres?.stop(), upstream?.close()]);
  });

  async function stored(): Promise<Stored> {
    const keys = await reader.query<{ id: string; wrapped: Buffer }>('select id, wrapped from secret_key order by id');
    const channels = await reader.query<{ credential: Buffer }>(`select credential from channel where name = 'main'`);
    return {
      keys: new Map(keys.rows.map(({ id, wrapped }) => [id, wrapped.toString('hex')])),
      credential: channels.rows[0]?.credential.toString('hex') ?? '',
    };
  }

  async function runCli(command: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const cli = launch([...CLI_COMMAND, command], { ...env(OLD), ...more });
    expect({ ...(await cli.ended), stderr: cli.stderr() }).toMatchObject({ code: 0 });
  }

  it('can all be changed under load, without one failed request', async () => {
    const config = configOf(upstream.url);
    const hub = await startHubProcess({ env: env(OLD), config });
    const load = new Load(hub);
    await load.more(50);
    const before = await stored();
    await runCli('credential-key:rotate');
    await load.more(50);
    const between = await stored();
    await runCli('master-key:rotate', { HUB_MASTER_KEY_NEW: NEW });
    await load.more(50);
    const after = await stored();
    // A second instance, as in a rolling change of HUB_MASTER_KEY, while the first still has the old one.
    const second = await startHubProcess({ env: env(NEW), config });
    const statuses = await Promise.all(Array.from({ length: 5 }, () => chatStatus(second)));
    await load.stop();
    expect(new Set([...load.statuses, ...statuses])).toEqual(new Set([200]));

    expect(between.credential).not.toBe(before.credential);
    expect([between.keys.size, after.keys.size]).toEqual([before.keys.size + 1, before.keys.size + 1]);
    for (const [id, wrapped] of between.keys) expect(after.keys.get(id)).not.toBe(wrapped);
    // Opened by the second instance with the new key: it would have been written anew otherwise.
    expect((await stored()).credential).toBe(between.credential);
    expect(second.stdout()).not.toMatch(/credential|does not open/i);
    await Promise.all([hub.stop(), second.stop()]);
  });

  it.each<[what: string, masterKey: string, message: RegExp]>([
    ['the one before', OLD, /The master key does not open the keys in the database\. .*HUB_MASTER_KEY/],
    ['none', '', /HUB_MASTER_KEY is required with DATABASE_URL/],
  ])('keep a hub from starting with %s, which says why and shows no key', async (_what, masterKey, message) => {
    const end = await runHubToEnd({ env: env(masterKey), config: configOf(upstream.url) });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(message);
    const output = end.stdout + end.stderr;
    for (const secret of [OLD, NEW, masterKey, apiKey].filter(Boolean)) expect(output).not.toContain(secret);
    expect(output).not.toMatch(/\n\s+at /);
  });
});
