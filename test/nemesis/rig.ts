import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit } from '../../src/audit/audit.js';
import { generateApiKey } from '../../src/common/api-key.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { createApiKey } from '../../src/keys/create-api-key.js';
import { CodeHasher } from '../../src/redemption/code-hasher.js';
import { createCodes } from '../../src/redemption/code-store.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { grant, UNIT } from '../support/books.js';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.js';
import { freePort } from '../support/free-port.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { killAll, launch, PROJECT_ROOT } from '../support/processes.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import type { NemesisOptions } from './options.js';
import { SupervisedHub } from './supervised-hub.js';

/** Accounts that can pay for everything, and accounts that often cannot. */
const RICH_COUNT = 12;
const POOR_COUNT = 3;
const RICH_UNITS = 1_000_000_000n;
const POOR_UNITS = 2_000n;
const CODE_COUNT = 200;
const CODE_USES = 6;
/** What a redemption code brings. */
export const CODE_AMOUNT = 1_000n * UNIT;

/** Somebody who pays. */
export interface Customer {
  readonly accountId: string;
  readonly apiKey: string;
  readonly isRich: boolean;
}

/** Everything a run is made of. */
export interface Rig {
  readonly hubs: readonly SupervisedHub[];
  readonly customers: readonly Customer[];
  readonly codes: readonly string[];
  readonly codeUses: number;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly postgresLink: ChaosProxy;
  readonly redisLink: ChaosProxy;
  /** Straight to the server, past the proxy. */
  readonly sql: Sql;
  readonly audit: Audit;
  /** Texts that no log may contain. */
  readonly canaries: readonly string[];
  /** What the accounts were given before the traffic began. */
  readonly initial: ReadonlyMap<string, bigint>;
  /** Runs an operator command as a process of its own. */
  cli(...args: readonly string[]): Promise<void>;
  /** How often each operation reached the upstream. */
  executions(): Promise<ReadonlyMap<string, number>>;
  /** Ends all that was started. */
  stop(): Promise<void>;
}

/** Starts servers, proxies, upstream and hubs, and makes customers. */
export async function startRig(options: NemesisOptions): Promise<Rig> {
  const parts = new AsyncDisposableStack();
  try {
    return await assemble(options, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function assemble(options: NemesisOptions, parts: AsyncDisposableStack): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-nemesis-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  // A process that dies loses nothing that the kernel has; a machine that dies is not part of this.
  const postgres = await startPostgres({ settings: { max_connections: '200' } });
  parts.defer(() => postgres.stop());
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  const postgresLink = await startChaosProxy(Number(new URL(postgres.url).port));
  parts.defer(() => postgresLink.close());
  const redisLink = await startChaosProxy(Number(new URL(redis.url).port));
  parts.defer(() => redisLink.close());
  const upstream = await startUpstream(parts);
  const masterKey = randomBytes(32);
  const database = await Database.open({ url: postgres.url, dataDir: folder, poolMax: 6, ledgerPoolMax: 2 });
  parts.defer(() => database.close());
  const { sql } = database;
  const keyring = await Keyring.open(sql, masterKey);
  const { customers, initial } = await makeCustomers(sql, keyring);
  const amounts = { amount: CODE_AMOUNT, count: CODE_COUNT, maxUses: CODE_USES };
  const { codes } = await createCodes(sql, new CodeHasher(keyring), { ...amounts, batch: 'nemesis', actor: 'test' });
  const configFile = join(folder, 'hub.yaml');
  writeFileSync(configFile, configOf(upstream.url, upstream.key));
  const env = {
    DATABASE_URL: postgres.url.replace(/:\d+\//, `:${postgresLink.port}/`),
    REDIS_URL: `redis://127.0.0.1:${redisLink.port}`,
    DATA_DIR: join(folder, 'data'),
    HUB_CONFIG: configFile,
    HUB_MASTER_KEY: masterKey.toString('base64'),
    HUB_API_KEY: generateApiKey(),
    HUB_HOLD_LEASE_MS: String(options.leaseMs),
    HUB_STREAM_SLICE_TOKENS: '32',
    HUB_DRAIN_TIMEOUT_MS: '4000',
    HUB_PUBLIC_RPM: '1000000',
    HUB_WORKERS: '1',
  };
  parts.defer(killAll);
  const hubs: SupervisedHub[] = [];
  for (let index = 0; index < options.hubs; index++) {
    const port = await freePort();
    const hub = new SupervisedHub(index, port, { ...env, PORT: String(port) });
    hubs.push(hub);
    parts.defer(() => hub.stop());
    hub.start();
    await hub.ready();
  }
  return {
    hubs,
    customers,
    codes,
    codeUses: CODE_USES,
    postgres,
    redis,
    postgresLink,
    redisLink,
    sql,
    audit: new Audit(sql),
    canaries: [...customers.map(({ apiKey }) => apiKey), env.HUB_API_KEY, env.HUB_MASTER_KEY, upstream.key, ...codes],
    initial,
    cli: async (...args) => {
      const { code } = await launch([process.execPath, join(PROJECT_ROOT, 'dist/src/cli/main.js'), ...args], {
        ...env,
        DATABASE_URL: postgres.url,
        REDIS_URL: '',
      }).ended;
      if (code !== 0) throw new Error(`the command ${args[0]} ended with ${code}`);
    },
    executions: async () => {
      const answer = await fetch(`http://127.0.0.1:${upstream.controlPort}`);
      return new Map(Object.entries((await answer.json()) as Record<string, number>));
    },
    stop: () => parts.disposeAsync(),
  };
}

async function startUpstream(parts: AsyncDisposableStack) {
  const key = `upstream-${randomBytes(16).toString('hex')}`;
  const command = ['--import', './test/support/register-ts.mjs', './test/nemesis/upstream-process.ts'];
  const started = launch([process.execPath, ...command], { UPSTREAM_KEY: key });
  parts.defer(async () => {
    await started.kill();
  });
  const line = await until(() => started.stdout().split('\n', 1)[0] || undefined).catch(() => {
    throw new Error(`the upstream did not start\n${started.stderr()}`);
  });
  const { url, controlPort } = JSON.parse(line) as { url: string; controlPort: number };
  return { url, controlPort, key };
}

async function makeCustomers(sql: Sql, keyring: Keyring) {
  const customers: Customer[] = [];
  const initial = new Map<string, bigint>();
  for (let index = 0; index < RICH_COUNT + POOR_COUNT; index++) {
    const isRich = index < RICH_COUNT;
    const [account] = await sql.query<{ id: string }>('insert into account (name) values ($1) returning id', [
      `${isRich ? 'rich' : 'poor'} ${index}`,
    ]);
    const accountId = account?.id ?? '';
    const key = await createApiKey(sql, keyring, { accountId, name: `key of ${accountId}` });
    const amount = (isRich ? RICH_UNITS : POOR_UNITS) * UNIT;
    await grant(sql, accountId, amount);
    initial.set(accountId, amount);
    // Every third key has a budget; that of a poor account runs out.
    if (index % 3 === 0) {
      await sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', $2)`, [
        key.id,
        amount * 2n,
      ]);
    }
    customers.push({ accountId, apiKey: key.key, isRich });
  }
  return { customers, initial };
}

/** The prices of the run: 1 unit an input token, 2 an output token; 1 an embedded token; 4 a picture. */
function configOf(url: string, key: string): string {
  return `
models:
  - { id: m-chat, price: { inputPerMillion: "1000", outputPerMillion: "2000" } }
  - { id: m-embed, price: { inputPerMillion: "1000" } }
  - { id: m-image, price: { perImage: "0.004" } }
channels:
  - id: main
    provider: openai-compatible
    baseUrl: ${url}
    apiKey: ${key}
    allowPrivateNetwork: true
    models: { m-chat: gpt-4, m-embed: text-embedding-3-small, m-image: dall-e-2 }
`;
}
