import type { SqlSession } from '../database/sql.js';

/** Which migrations have run; kept by the migrator, not part of the data. */
const MIGRATIONS_TABLE = 'mikro_orm_migrations';

/** A column that is stored, as opposed to generated. */
export interface StoredColumn {
  readonly name: string;
  /** As it is written in SQL, such as `timestamp with time zone`. */
  readonly type: string;
}

/** A table of the product; one with partitions counts once, under its parent's name. */
export interface StoredTable {
  readonly name: string;
  readonly isPartitioned: boolean;
  /** By name. */
  readonly columns: readonly StoredColumn[];
}

/** Reads from the catalogue which tables there are, by name: a table that a later version adds is not forgotten. */
export async function readStoredTables(session: SqlSession): Promise<StoredTable[]> {
  const rows = await session.query<StoredColumn & { table: string; is_partitioned: boolean }>(
    `select c.relname::text as table, c.relkind = 'p' as is_partitioned, a.attname::text as name,
            format_type(a.atttypid, a.atttypmod) as type
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = current_schema()::text::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> $1 and a.attgenerated = ''
      order by c.relname, a.attname`,
    [MIGRATIONS_TABLE],
  );
  return [...Map.groupBy(rows, (row) => row.table)].map(([name, columns]) => ({
    name,
    isPartitioned: columns.some((column) => column.is_partitioned),
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
  }));
}

/** The names of the migrations that have run, in order; none in a database that is not a hub's. */
export async function readMigrations(session: SqlSession): Promise<string[]> {
  const [found] = await session.query<{ exists: boolean }>(`select to_regclass($1) is not null as exists`, [
    MIGRATIONS_TABLE,
  ]);
  if (!found?.exists) return [];
  const rows = await session.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by id`);
  return rows.map((row) => row.name);
}

/** Sequences of the tables, with where they stand. */
export async function readSequences(
  session: SqlSession,
): Promise<{ name: string; value: string; isCalled: boolean }[]> {
  const names = await session.query<{ name: string }>(
    `select c.relname::text as name from pg_class c
      where c.relnamespace = current_schema()::text::regnamespace and c.relkind = 'S'
        and not starts_with(c.relname::text, $1) order by 1`,
    [MIGRATIONS_TABLE],
  );
  const sequences = [];
  for (const { name } of names) {
    // Not pg_sequences: that view cannot tell a sequence that stands before its first value from one that has given it.
    const [row] = await session.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${quoteName(name)}`,
    );
    if (row) sequences.push({ name, value: row.value, isCalled: row.is_called });
  }
  return sequences;
}

/** A name of the catalogue as it is written in SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
