import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { CommandContext, CommandResult } from '../../src/cli/command.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from '../../src/cli/database-commands.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { type ForeignRows, makeSqlite } from './foreign-databases.js';

/** A hub's database, and its commands. */
export interface ImportBench {
  readonly database: Database;
  readonly context: CommandContext;
  /** What was published, in order. */
  readonly topics: readonly string[];
  run(name: string, ...args: string[]): Promise<CommandResult>;
  query<Row extends object = Record<string, unknown>>(text: string, ...parameters: string[]): Promise<Row[]>;
  readonly channels: ChannelStore;
}

/** Makes commands work on a database. */
export async function makeImportBench(database: Database): Promise<ImportBench> {
  const keyring = await Keyring.open(database.sql, randomBytes(32));
  const channels = new ChannelStore(database.sql, new CredentialCipher(keyring));
  const topics: string[] = [];
  const publish = async (topic: string) => void topics.push(topic);
  const context: CommandContext = { sql: database.sql, keyring, channels, settings: parseSettings({}), publish };
  return {
    database,
    context,
    topics,
    channels,
    run: (name, ...args) =>
      runDatabaseCommand(DATABASE_COMMANDS.find((command) => command.name === name)!, context, { args }),
    query: (text, ...parameters) => database.sql.query(text, parameters),
  };
}

/** Every row that an import may make, to compare before and after. */
export async function everything({ query }: ImportBench): Promise<string> {
  const tables = ['account', 'account_group', 'app_user', 'api_key', 'key_budget', 'channel', 'model', 'route'];
  const books = ['price_version', 'redemption_batch', 'redemption_code', 'entry', 'import_origin', 'hub_state'];
  const rows: unknown[] = [];
  for (const table of [...tables, ...books]) rows.push(table, await query(`select * from ${table} order by 1, 2`));
  // As text: infinite times are no dates, and those are never equal.
  return JSON.stringify(rows, (_key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
  );
}

/** A folder for SQLite files that is removed after the suite. @returns makes one and gives its path. */
export function sqliteMaker(): (schema: readonly string[], rows: ForeignRows) => string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-import-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  return (schema, rows) => {
    const file = join(folder, `source-${++count}.db`);
    makeSqlite(file, schema, rows);
    return file;
  };
}
