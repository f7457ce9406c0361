import { randomBytes } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { createApiKey } from '../../src/keys/create-api-key.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { grant, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';

/** Two hubs that are processes, on one PostgreSQL, with a fake upstream: 1 unit an input token, 2 an output token. */
export interface BooksHubs {
  readonly postgres: PostgresServer;
  readonly upstream: FakeUpstream;
  /** Straight to the database. */
  readonly sql: Sql;
  readonly first: HubProcess;
  readonly second: HubProcess;
  /** A new account with so many units, and a key of it. */
  customer(units: bigint): Promise<{ accountId: string; keyId: string; apiKey: string }>;
  /** Starts another hub on the same database. */
  startHub(env?: Readonly<Record<string, string>>): Promise<HubProcess>;
  stop(): Promise<void>;
}

/** Starts them. @param env more variables of both hubs. */
export async function startBooksHubs(env: Readonly<Record<string, string>> = {}): Promise<BooksHubs> {
  const postgres = await startPostgres();
  const upstream = await startFakeUpstream();
  const masterKey = randomBytes(32);
  const database = await Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  const keyring = await Keyring.open(database.sql, masterKey);
  const startHub = (more: Readonly<Record<string, string>> = {}) =>
    startHubProcess({
      env: {
        DATABASE_URL: postgres.url,
        HUB_MASTER_KEY: masterKey.toString('base64'),
        HUB_HOLD_LEASE_MS: '10000',
        ...env,
        ...more,
      },
      config: configOf(upstream.url),
    });
  const [first, second] = await Promise.all([startHub(), startHub()]);
  return {
    postgres,
    upstream,
    sql: database.sql,
    first,
    second,
    startHub,
    customer: async (units) => {
      const [account] = await database.sql.query<{ id: string }>(
        `insert into account (name) values ('t') returning id`,
      );
      const accountId = account?.id ?? '';
      const { id, key } = await createApiKey(database.sql, keyring, { accountId, name: 'test' });
      await grant(database.sql, accountId, units * UNIT);
      return { accountId, keyId: id, apiKey: key };
    },
    stop: async () => {
      await Promise.all([first.kill(), second.kill()]);
      await database.close();
      await upstream.close();
      await postgres.stop();
    },
  };
}

function configOf(url: string): string {
  return `
models:
  - { id: gpt-4, price: { inputPerMillion: "1000", outputPerMillion: "2000" } }
channels:
  - id: main
    provider: openai-compatible
    baseUrl: ${url}
    apiKey: credential-of-the-upstream
    allowPrivateNetwork: true
    models: { gpt-4: gpt-4 }
`;
}
