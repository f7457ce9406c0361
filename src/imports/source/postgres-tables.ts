import { Client } from 'pg';
import { ImportError } from '../import-error.js';
import { SOURCE_ROWS_MAX, type SourceTables, type TextRow } from './source-tables.js';

const CONNECTION_MS_MAX = 10_000;
const STATEMENT_MS_MAX = 120_000;

/**
 * Connects to a PostgreSQL database, to read only, for as long as `use` takes.
 *
 * @throws ImportError when the server cannot be reached or refuses, with its words and without the password; what `use`
 * throws.
 */
export async function withPostgres<Result>(
  url: string,
  use: (tables: SourceTables) => Promise<Result>,
): Promise<Result> {
  const client = makeClient(url);
  // Without a listener a connection that breaks between two statements would end the process; the next one throws.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // One moment for all tables, also when the product is still running.
    await client.query('begin transaction isolation level repeatable read, read only');
    return await use({
      columnsOf: (table) => columnsOf(client, table),
      read: (table, columns) => read(client, table, columns),
    });
  } catch (error) {
    if (error instanceof ImportError || !isDriverError(error)) throw error;
    throw new ImportError(`The database to import cannot be read: ${error.message}.`);
  } finally {
    // Nothing was written: ending the connection is as good as a rollback.
    await client.end().catch(() => undefined);
  }
}

function makeClient(url: string): Client {
  try {
    return new Client({
      connectionString: url,
      application_name: 'ug-ai-hub import',
      connectionTimeoutMillis: CONNECTION_MS_MAX,
      statement_timeout: STATEMENT_MS_MAX,
      query_timeout: STATEMENT_MS_MAX,
    });
  } catch {
    // The driver's words may repeat what it could not read, password and all.
    throw new ImportError('--from is no valid URL of a PostgreSQL database.');
  }
}

async function columnsOf(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select column_name::text as name from information_schema.columns
      where table_schema = current_schema() and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function read(client: Client, table: string, columns: readonly string[]): Promise<TextRow[]> {
  const list = columns.map((name) => `${quote(name)}::text as ${quote(name)}`).join(', ');
  const order = columns
    .slice(0, 1)
    .map((name) => `t.${quote(name)}`)
    .join();
  const { rows } = await client.query<TextRow>(
    `select ${list} from ${quote(table)} t order by ${order} limit ${SOURCE_ROWS_MAX + 1}`,
  );
  if (rows.length > SOURCE_ROWS_MAX) {
    throw new ImportError(`The table ${table} has more than ${SOURCE_ROWS_MAX} rows, which is too many.`);
  }
  return rows;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What the server or the connection said: with a code, or one of the driver's own words. Anything else is a mistake of the hub. */
function isDriverError(error: unknown): error is { readonly message: string } {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  return 'code' in error || /connect|timeout|password|SASL|SSL/i.test(String(error.message));
}
