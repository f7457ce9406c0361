import type { Sql } from '../../../src/database/sql.js';

/** Which the hub writes by itself, whatever anybody asks for. */
const BACKGROUND = new Set([
  'hub_state',
  'instance',
  'removed_jobs',
  'retention_state',
  'sealed_hour',
  'sealed_month',
  'usage_day',
  'usage_hour',
  'usage_rollup_state',
  'usage_slice',
  'usage_user_day',
]);

/** A hash of every table that requests change. When somebody or something was last seen does not count. */
export async function tableHashes(sql: Sql): Promise<Readonly<Record<string, string>>> {
  const tables = await sql.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  const names = tables.map(({ name }) => name).filter((name) => !BACKGROUND.has(name));
  const [row] = await sql.query<Record<string, string>>(
    `select ${names.map((name) => `(${hashOf(name)}) as "${name}"`).join(', ')}`,
  );
  if (row === undefined) throw new Error('There are no tables');
  return row;
}

/** The hub raises alerts by itself as well. */
const ROWS: Readonly<Record<string, string>> = { alert: `where kind = 'matrix'` };

function hashOf(table: string): string {
  const text = `(to_jsonb(t) - 'last_seen_at' - 'last_used_at')::text`;
  return `select md5(coalesce(string_agg(${text}, ' ' order by ${text}), '')) from "${table}" t ${ROWS[table] ?? ''}`;
}
