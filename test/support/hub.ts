import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, pino } from 'pino';
import { createApp } from '../../src/app.factory.js';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { DeclaredChannel, DeclaredModel } from '../../src/channels/declaration.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Settings } from '../../src/config/settings.js';
import type { Database } from '../../src/database/database.js';
import { Sql } from '../../src/database/sql.js';
import { createApiKey, type NewApiKey } from '../../src/keys/create-api-key.js';
import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox-provider.js';
import type { Provider } from '../../src/providers/provider.js';
import type { UpstreamClientOptions } from '../../src/providers/transport/upstream-client.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { PromptCounter } from '../../src/tokens/prompt-counter.js';
import { grant, TEST_PRICE, UNIT } from './books.js';
import { openMemoryDatabase } from './database.js';

// A hub loads its vocabularies at start, which every suite would pay for: two hundred thousand tokens, of which most have no use for
// any and few for both. The first prompt that is counted loads what it needs.
PromptCounter.prototype.onModuleInit = () => undefined;

/** What a test may choose about its hub. */
export interface HubOptions {
  /** Environment variables besides what the harness sets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly channels?: readonly (Partial<DeclaredChannel> & Pick<DeclaredChannel, 'name'>)[];
  /** What is special about models; every model of the channels has {@link TEST_PRICE} otherwise. */
  readonly models?: readonly DeclaredModel[];
  /** Address of a sandbox or fake upstream for channels of provider `sandbox`. */
  readonly sandboxUrl?: string;
  /** Providers besides the product's own. */
  readonly providers?: readonly Provider[];
  readonly upstreamClient?: UpstreamClientOptions;
  /** An open database to use, e.g. on PostgreSQL; default: embedded, in memory. */
  readonly database?: Database;
}

/** The whole application, in this process, on a real port. */
export interface TestHub {
  readonly app: NestFastifyApplication;
  readonly settings: Settings;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** The account of the keys; it has a billion quota units. */
  readonly accountId: string;
  /** A key of that account. */
  readonly apiKey: string;
  readonly sql: Sql;
  /** Everything logged so far, one object a line. */
  readonly logs: readonly Record<string, unknown>[];
  /** Everything logged so far, as text. */
  readonly logText: () => string;
  createKey(wanted?: Partial<NewApiKey>): Promise<{ id: string; key: string }>;
  /** Declares channels anew and waits until the hub routes by them. */
  setChannels(channels: HubOptions['channels'], models?: HubOptions['models']): Promise<void>;
  /** fetch with the key. */
  fetch(path: string, init?: RequestInit & { key?: string | null }): Promise<Response>;
  /** POSTs JSON with the key. */
  post(path: string, body: unknown, init?: { key?: string; signal?: AbortSignal }): Promise<Response>;
  close(): Promise<void>;
}

/** Starts a hub for tests. Close it in `afterAll`. */
export async function startHub(options: HubOptions = {}): Promise<TestHub> {
  const settings = parseSettings({
    PORT: '0',
    DATA_DIR: 'memory://',
    HUB_SANDBOX: 'off',
    // Most suites have no use for it, and it takes a second and a half to load; see admin-hub.ts.
    HUB_ADMIN: 'off',
    HUB_MASTER_KEY: randomBytes(32).toString('base64'),
    ...options.env,
  });
  const database = options.database ?? (await openMemoryDatabase());
  const { logger, lines } = recordingLogger();
  const sandbox = options.sandboxUrl === undefined ? [] : [sandboxProvider(options.sandboxUrl)];
  const providers = [...VENDORS, ...sandbox, ...(options.providers ?? [])];
  const parts = { settings, database, providers, upstreamClient: options.upstreamClient };
  const app = await createApp(parts, logger).catch(async (error: unknown) => {
    // Left open, it would keep the test run from ending.
    await database.close();
    throw error;
  });
  await app.listen(settings.server.port, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const { sql } = database;
  const [account] = await sql.query<{ id: string }>(`insert into account (name) values ('test') returning id`);
  const createKey = async (wanted: Partial<NewApiKey> = {}): Promise<{ id: string; key: string }> =>
    await createApiKey(sql, app.get(Keyring), { accountId: account!.id, name: 'test', ...wanted });
  const apiKey = (await createKey()).key;
  await grant(sql, account!.id, 1_000_000_000n * UNIT);
  const setChannels = async (channels: HubOptions['channels'], models = options.models ?? []): Promise<void> => {
    const declared = (channels ?? []).map(toDeclared);
    await app.get(ChannelStore).reconcile({ config: { channels: declared, models: toModels(declared, models) } });
    await app.get(ModelCatalog).refresh();
  };
  await setChannels(options.channels);
  const request: TestHub['fetch'] = (path, { key, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (key !== null) headers.set('authorization', `Bearer ${key ?? apiKey}`);
    return fetch(url + path, { ...init, headers });
  };
  return {
    app,
    settings,
    url,
    port,
    accountId: account!.id,
    apiKey,
    sql,
    logs: lines,
    logText: () => lines.map((line) => JSON.stringify(line)).join('\n'),
    createKey,
    setChannels,
    fetch: request,
    post: (path, body, init = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
      }),
    close: () => app.close(),
  };
}

function toDeclared(channel: Partial<DeclaredChannel> & Pick<DeclaredChannel, 'name'>): DeclaredChannel {
  return {
    provider: 'openai-compatible',
    apiKey: 'upstream-credential-of-the-test',
    allowPrivateNetwork: true,
    priority: 0,
    weight: 1,
    models: new Map([['gpt-4', 'gpt-4']]),
    ...channel,
  };
}

/** Every model of the channels, each with a price. */
function toModels(channels: readonly DeclaredChannel[], special: readonly DeclaredModel[]): DeclaredModel[] {
  const names = new Set(channels.flatMap((channel) => [...channel.models.keys()]));
  for (const { id } of special) names.delete(id);
  return [...special, ...[...names].map((id) => ({ id, price: TEST_PRICE }))];
}

function recordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => {
    lines.push(JSON.parse(text) as Record<string, unknown>);
  };
  return { logger: pino({ level: 'trace', base: null }, { write }), lines };
}
