import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit } from '../../../src/audit/audit.js';
import { Database } from '../../../src/database/database.js';
import type { Sql } from '../../../src/database/sql.js';
import { createApiKey } from '../../../src/keys/create-api-key.js';
import { Keyring } from '../../../src/secrets/keyring.js';
import { grant } from '../../support/books.js';
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.js';
import { freePort } from '../../support/free-port.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { killAll } from '../../support/processes.js';
import { type SimulatorProcess, startSimulatorProcess } from '../../support/simulator-process.js';
import { SupervisedHub } from '../supervised-hub.js';
import type { VideoNemesisOptions } from './video-options.js';
import { faultRules, MODELS, type PlannedJob, SECOND_PRICE, type VendorName } from './video-plan.js';

const ACCOUNT_HAS = 10n ** 16n;
const QUEUED_MS = 1_000;
const PROCESSING_MS = 4_000;
/** How often a task is asked after; so short that a job is often in somebody's hand when he is killed. */
const STATUS_MS_MAX = 800;
const LEASE_MS = 3_000;
const UPSTREAM_MODELS: Readonly<Record<VendorName, Readonly<Record<string, string>>>> = {
  kling: { 'v-three': 'kling-3.0', 'v-classic': 'kling-v2-6', 'v-either': 'kling-3.0' },
  minimax: { 'v-hailuo': 'MiniMax-Hailuo-02', 'v-either': 'MiniMax-Hailuo-02' },
};

/** Everything a run is made of. */
export interface VideoRig {
  readonly hubs: readonly SupervisedHub[];
  readonly postgres: PostgresServer;
  readonly postgresLink: ChaosProxy;
  readonly vendors: readonly SimulatorProcess[];
  /** Straight to the server, past the proxy. */
  readonly sql: Sql;
  readonly audit: Audit;
  readonly accountId: string;
  readonly apiKey: string;
  /** What the account was given. */
  readonly initial: bigint;
  /** Texts that no log may contain. */
  readonly canaries: readonly string[];
  stop(): Promise<void>;
}

/** Starts database, vendors and hubs. */
export async function startVideoRig(options: VideoNemesisOptions, jobs: readonly PlannedJob[]): Promise<VideoRig> {
  const parts = new AsyncDisposableStack();
  try {
    return await assemble(options, jobs, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function assemble(
  options: VideoNemesisOptions,
  jobs: readonly PlannedJob[],
  parts: AsyncDisposableStack,
): Promise<VideoRig> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-nemesis-video-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ settings: { max_connections: '200' } });
  parts.defer(() => postgres.stop());
  const postgresLink = await startChaosProxy(Number(new URL(postgres.url).port));
  parts.defer(() => postgresLink.close());
  parts.defer(killAll);
  const kling = await startSimulatorProcess(
    'kling',
    `ak-${randomBytes(12).toString('hex')}:sk-${randomBytes(12).toString('hex')}`,
  );
  const minimax = await startSimulatorProcess('minimax', `minimax-${randomBytes(16).toString('hex')}`);
  for (const vendor of [kling, minimax]) {
    await vendor.control({
      faults: faultRules(jobs),
      progression: { by: 'time', queuedMs: QUEUED_MS, processingMs: PROCESSING_MS },
    });
  }
  const masterKey = randomBytes(32);
  const database = await Database.open({ url: postgres.url, dataDir: folder, poolMax: 6, ledgerPoolMax: 2 });
  parts.defer(() => database.close());
  const { sql } = database;
  const [account] = await sql.query<{ id: string }>(`insert into account (name) values ('videos') returning id`);
  const accountId = account?.id ?? '';
  const keyring = await Keyring.open(sql, masterKey);
  const { key: apiKey } = await createApiKey(sql, keyring, { accountId, name: 'videos' });
  await grant(sql, accountId, ACCOUNT_HAS);
  const configFile = join(folder, 'hub.yaml');
  writeFileSync(configFile, configOf(kling, minimax));
  const env = {
    DATABASE_URL: postgres.url.replace(/:\d+\//, `:${postgresLink.port}/`),
    HUB_CONFIG: configFile,
    HUB_MASTER_KEY: masterKey.toString('base64'),
    HUB_JOB_LEASE_MS: String(LEASE_MS),
    HUB_JOB_STATUS_MS_MAX: String(STATUS_MS_MAX),
    HUB_MEDIA_DIR: join(folder, 'media'),
    HUB_MEDIA_FREE_BYTES_MIN: '0',
    HUB_DRAIN_TIMEOUT_MS: '4000',
    HUB_PUBLIC_RPM: '1000000',
  };
  const hubs: SupervisedHub[] = [];
  for (let index = 0; index < options.hubs; index++) {
    const port = await freePort();
    const hub = new SupervisedHub(index, port, { ...env, DATA_DIR: join(folder, `data-${index}`), PORT: String(port) });
    hubs.push(hub);
    parts.defer(() => hub.stop());
    hub.start();
    await hub.ready();
  }
  return {
    hubs,
    postgres,
    postgresLink,
    vendors: [kling, minimax],
    sql,
    audit: new Audit(sql),
    accountId,
    apiKey,
    initial: ACCOUNT_HAS,
    canaries: [apiKey, env.HUB_MASTER_KEY, minimax.credential, ...kling.credential.split(':')],
    stop: () => parts.disposeAsync(),
  };
}

function configOf(kling: SimulatorProcess, minimax: SimulatorProcess): string {
  const price = `{ perVideoSecond: "${Number(SECOND_PRICE) / 1e9}" }`;
  const channel = (name: VendorName, baseUrl: string, apiKey: string, priority: number) => `
  - id: ${name}
    provider: ${name}
    baseUrl: ${baseUrl}
    apiKey: ${apiKey}
    priority: ${priority}
    allowPrivateNetwork: true
    models: ${JSON.stringify(UPSTREAM_MODELS[name])}`;
  return [
    'models:',
    ...MODELS.map(({ id }) => `  - { id: ${id}, price: ${price} }`),
    'channels:',
    channel('kling', kling.url, kling.credential, 1),
    channel('minimax', `${minimax.url}/v1`, minimax.credential, 0),
    '',
  ].join('\n');
}
