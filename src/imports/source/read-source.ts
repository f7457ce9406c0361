import { ImportError } from '../import-error.js';
import type { ImportProduct } from '../product.js';
import { withPostgres } from './postgres-tables.js';
import type { SourceTables, TextRow } from './source-tables.js';
import { withSqlite } from './sqlite-tables.js';

/** What is read of a foreign database. Passwords, access tokens of people and logs are not. */
export interface SourceData {
  readonly product: ImportProduct;
  readonly users: readonly TextRow[];
  readonly tokens: readonly TextRow[];
  readonly channels: readonly TextRow[];
  readonly redemptions: readonly TextRow[];
  readonly options: ReadonlyMap<string, string>;
}

interface TableFacts {
  readonly needed: readonly string[];
  /** Columns that one of the products has, or had not always. */
  readonly known: readonly string[];
}

type TableName = 'users' | 'tokens' | 'channels' | 'redemptions' | 'options';

/**
 * Tables and columns, as https://github.com/songquanpeng/one-api (folder model) and https://github.com/QuantumNous/new-api
 * (folder model) declare them. The id comes first: rows are read in its order.
 */
const TABLES: Readonly<Record<TableName, TableFacts>> = {
  users: {
    needed: ['id', 'username', 'quota'],
    known: ['status', 'role', 'email', 'used_quota', 'group', 'deleted_at', 'aff_quota'],
  },
  tokens: {
    needed: ['id', 'user_id', 'key'],
    known: [
      ...['status', 'name', 'expired_time', 'remain_quota', 'unlimited_quota', 'used_quota', 'deleted_at'],
      ...['model_limits_enabled', 'model_limits', 'allow_ips', 'group'],
      ...['models', 'subnet'],
    ],
  },
  channels: {
    needed: ['id', 'type', 'key', 'models'],
    known: [
      ...['status', 'name', 'weight', 'base_url', 'group', 'model_mapping', 'priority'],
      ...['channel_info', 'openai_organization', 'setting', 'param_override', 'header_override', 'status_code_mapping'],
      ...['system_prompt', 'other', 'config', 'settings', 'created_time'],
    ],
  },
  redemptions: { needed: ['id', 'key', 'quota', 'status'], known: ['name', 'expired_time', 'deleted_at'] },
  options: { needed: ['key', 'value'], known: [] },
};

/**
 * Reads a database of a product.
 *
 * @param from path of a SQLite file, or `postgres://…`.
 * @throws ImportError when it cannot be read, or is none of this product.
 */
export function readSource(product: ImportProduct, from: string): Promise<SourceData> {
  const use = (tables: SourceTables) => readTables(product, tables);
  if (/^postgres(ql)?:\/\//i.test(from)) {
    if (!URL.canParse(from)) throw new ImportError('--from is no valid URL of a PostgreSQL database.');
    return withPostgres(from, use);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(from)) {
    throw new ImportError('--from must be the path of a SQLite file, or begin with postgres://. MySQL cannot be read.');
  }
  return withSqlite(from, use);
}

async function readTables(product: ImportProduct, tables: SourceTables): Promise<SourceData> {
  const columns = new Map<TableName, readonly string[]>();
  const problems: string[] = [];
  for (const [name, { needed, known }] of Object.entries(TABLES) as [TableName, TableFacts][]) {
    const there = await tables.columnsOf(name);
    const missing = needed.filter((column) => !there.includes(column));
    if (there.length === 0) problems.push(`it has no table ${name}`);
    else if (missing.length > 0) problems.push(`its table ${name} has no column ${missing.join(', ')}`);
    columns.set(name, [...needed, ...known.filter((column) => there.includes(column))]);
  }
  if (problems.length > 0) throw new ImportError(`This is no database of ${product}: ${problems.join('; ')}.`);
  requireProduct(product, columns);
  const read = (name: TableName) => tables.read(name, columns.get(name) ?? []);
  const options = await read('options');
  return {
    product,
    users: await read('users'),
    tokens: await read('tokens'),
    channels: await read('channels'),
    redemptions: await read('redemptions'),
    options: new Map(options.map((row) => [row['key'] ?? '', row['value'] ?? ''])),
  };
}

/** Both number their kinds of channels, differently: taken for the other, credentials would go to the wrong vendors. */
function requireProduct(product: ImportProduct, columns: ReadonlyMap<TableName, readonly string[]>): void {
  const isNewApi =
    columns.get('tokens')?.includes('model_limits_enabled') || columns.get('users')?.includes('aff_quota');
  const found: ImportProduct = isNewApi ? 'new-api' : 'one-api';
  if (found !== product) {
    throw new ImportError(`This looks like a database of ${found}: use import:${found}. Nothing was changed.`);
  }
}
