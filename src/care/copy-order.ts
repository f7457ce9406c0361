import type { SqlSession } from '../database/sql.js';
import type { StoredTable } from './stored-tables.js';

/**
 * Puts tables into an order in which each comes after those its foreign keys point at.
 *
 * @throws Error when tables point at each other in a circle; none do.
 */
export async function copyOrder(session: SqlSession, tables: readonly StoredTable[]): Promise<StoredTable[]> {
  const references = await session.query<{ from: string; to: string }>(
    `select distinct f.relname::text as from, t.relname::text as to
       from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = current_schema()::text::regnamespace and k.conrelid <> k.confrelid`,
  );
  const ordered: StoredTable[] = [];
  const done = new Set<string>();
  let waiting = [...tables];
  while (waiting.length > 0) {
    const isReady = ({ name }: StoredTable) => references.every(({ from, to }) => from !== name || done.has(to));
    const ready = waiting.filter(isReady);
    if (ready.length === 0) throw new Error(`Foreign keys in a circle: ${waiting.map(({ name }) => name).join(', ')}`);
    for (const table of ready) done.add(table.name);
    ordered.push(...ready);
    waiting = waiting.filter(({ name }) => !done.has(name));
  }
  return ordered;
}
