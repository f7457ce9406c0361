import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { ImportError } from '../import-error.js';
import { SOURCE_ROWS_MAX, type SourceTables, type TextRow } from './source-tables.js';

/** Reading is done between requests when a running hub does it, so it steps aside after so many rows. */
const ROWS_AT_ONCE = 500;
const BUSY_MS_MAX = 5000;

/**
 * Opens a SQLite file, to read only, for as long as `use` takes.
 *
 * @throws ImportError when it is no SQLite database or cannot be read; what `use` throws.
 */
export async function withSqlite<Result>(
  file: string,
  use: (tables: SourceTables) => Promise<Result>,
): Promise<Result> {
  const database = open(file);
  try {
    // One moment for all tables, also when the product is still running.
    database.exec('begin');
    return await use({
      columnsOf: async (table) => columnsOf(database, table),
      read: (table, columns) => read(database, table, columns),
    });
  } catch (error) {
    throw isSqliteError(error) ? unreadable(file, error) : error;
  } finally {
    database.close();
  }
}

function open(file: string): DatabaseSync {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new ImportError(`There is no file ${file}.`);
  try {
    return new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS_MAX });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  return database
    .prepare('select name from pragma_table_info(?)')
    .all(table)
    .map((row) => String(row['name']));
}

async function read(database: DatabaseSync, table: string, columns: readonly string[]): Promise<TextRow[]> {
  // As text, because a column holds values of any type there, and whole numbers beyond 2^53.
  const list = columns.map((name) => `cast(${quote(name)} as text) as ${quote(name)}`).join(', ');
  // Of the table, not of the list: as text, 10 comes before 2.
  const order = columns
    .slice(0, 1)
    .map((name) => `t.${quote(name)}`)
    .join();
  const statement = database.prepare(`select ${list} from ${quote(table)} t order by ${order}`);
  const rows: TextRow[] = [];
  for (const row of statement.iterate()) {
    if (rows.length === SOURCE_ROWS_MAX) {
      throw new ImportError(`The table ${table} has more than ${SOURCE_ROWS_MAX} rows, which is too many.`);
    }
    rows.push(Object.fromEntries(columns.map((name) => [name, toText(row[name])])));
    if (rows.length % ROWS_AT_ONCE === 0) await setImmediate();
  }
  return rows;
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function isSqliteError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

function unreadable(file: string, error: unknown): ImportError {
  return new ImportError(`${file} cannot be read as a SQLite database: ${(error as Error).message}.`);
}
