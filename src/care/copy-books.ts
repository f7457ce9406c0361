import type { SqlSession } from '../database/sql.js';
import { CareError } from './care-error.js';
import { copyOrder } from './copy-order.js';
import { copyTable } from './copy-table.js';
import { removeSeeds, requireUnused } from './move-target.js';
import { quoteName, readSequences, readStoredTables, type StoredTable } from './stored-tables.js';

/** Tables of whose rows triggers keep sums in another table. */
const COUNTED: ReadonlySet<string> = new Set(['redemption_code']);

/**
 * Copies everything that is stored into a database that has the same schema and is otherwise new.
 *
 * @param source and `target` are transactions; nothing of the target is in use before its commit.
 * @throws CareError when the target is in use, or has another schema.
 */
export async function copyBooks(source: SqlSession, target: SqlSession): Promise<void> {
  const tables = await copyOrder(source, await readStoredTables(source));
  requireSameSchema(tables, await readStoredTables(target));
  // A hub that starts on the target this moment waits here, and then finds an installation.
  await target.query(`lock table ${tables.map(({ name }) => quoteName(name)).join(', ')} in share row exclusive mode`);
  await requireUnused(target, tables);
  await removeSeeds(target, tables);
  for (const table of tables) {
    if (table.isPartitioned) await makePartitions(source, target, table);
    if (COUNTED.has(table.name)) await copyCounted(source, target, table);
    else await copyTable(source, target, table);
  }
  for (const { name, value, isCalled } of await readSequences(source)) {
    await target.query('select setval($1::text::regclass, $2, $3)', [quoteName(name), value, isCalled]);
  }
}

/** The sums come as they are, like all that is stored: the triggers would add the rows to them once more. */
async function copyCounted(source: SqlSession, target: SqlSession, table: StoredTable): Promise<void> {
  await target.query(`alter table ${quoteName(table.name)} disable trigger user`);
  await copyTable(source, target, table);
  await target.query(`alter table ${quoteName(table.name)} enable trigger user`);
}

/** The target came out of the same migrations; one that somebody has altered would lose what does not fit. */
function requireSameSchema(source: readonly StoredTable[], target: readonly StoredTable[]): void {
  const found = new Map(target.map((table) => [table.name, JSON.stringify(table)]));
  const other = source.find((table) => found.get(table.name) !== JSON.stringify(table));
  if (other) throw new CareError(`The target database has another table ${other.name}. Name an empty database.`);
}

/** Partitions by month are made for every month that has rows; rows of other ids go into the default partition, as before. */
async function makePartitions(source: SqlSession, target: SqlSession, { name }: StoredTable): Promise<void> {
  const [key] = await source.query<{ column: string }>(
    `select a.attname::text as column from pg_partitioned_table p
       join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
      where p.partrelid = $1::text::regclass`,
    [quoteName(name)],
  );
  if (!key) return;
  await target.query(`select ensure_partitions(0, m::timestamptz) from unnest($1::text[]) m`, [
    await monthsOf(source, name, key.column),
  ]);
}

async function monthsOf(source: SqlSession, table: string, column: string): Promise<string[]> {
  // The embedded PostgreSQL is 18, which knows the time in a UUID; null for one that has none.
  const rows = await source.query<{ month: string }>(
    `select distinct to_char(uuid_extract_timestamp(${quoteName(column)}) at time zone 'UTC', 'YYYY-MM"-01T00:00:00Z"') as month
       from ${quoteName(table)} where uuid_extract_timestamp(${quoteName(column)}) is not null order by 1`,
  );
  return rows.map((row) => row.month);
}
