import type { SqlSession } from '../database/sql.js';
import { quoteName, readStoredTables, type StoredTable } from './stored-tables.js';

/** One thing that must be the same before and after. Values are text: counts, and sums in nano-credits. */
export interface BooksFigure {
  readonly name: string;
  readonly value: string;
}

/** What is summed up of a table, where it has these columns; one figure per value of `by`. */
interface Sums {
  readonly table: string;
  readonly by?: string;
  readonly columns: readonly string[];
}

const PASSED = ['audio_ms', 'characters', 'searches'] as const;

const SUMS: readonly Sums[] = [
  {
    table: 'account',
    by: 'kind',
    columns: ['credits_posted', 'debits_posted', 'debits_pending', 'used_posted'],
  },
  { table: 'entry', by: 'kind', columns: ['amount'] },
  { table: 'hold', by: 'state', columns: ['amount', 'settled'] },
  { table: 'key_budget', columns: ['posted', 'pending'] },
  { table: 'redemption_batch', columns: ['codes', 'redeemed', 'disabled', 'redeemed_amount'] },
  { table: 'redemption_code', columns: ['amount', 'used'] },
  { table: 'removed_jobs', columns: ['jobs', 'cost'] },
  { table: 'sealed_hour', columns: ['requests', ...PASSED, 'cost', 'loss', 'purchase_cost'] },
  {
    table: 'sealed_month',
    columns: ['requests', 'attempts', ...PASSED, 'cost', 'loss', 'budgeted', 'jobs', 'job_cost'],
  },
  { table: 'usage_event', columns: [...PASSED, 'cost', 'loss', 'purchase_cost'] },
  { table: 'usage_hour', columns: ['requests', ...PASSED, 'cost', 'loss', 'purchase_cost'] },
];

/** What must be true of sound books, as a number that should be 0; asked where all of `tables` are there. */
const CHECKS: readonly { readonly name: string; readonly tables: readonly string[]; readonly sql: string }[] = [
  {
    name: 'accounts that disagree with their entries',
    tables: ['account', 'entry'],
    sql: `select count(*)::text as value from account a
            left join (select credit_id as id, sum(amount) as total from entry group by 1) c on c.id = a.id
            left join (select debit_id as id, sum(amount) as total from entry group by 1) d on d.id = a.id
           where a.kind = 'customer'
             and (a.credits_posted <> coalesce(c.total, 0) or a.debits_posted <> coalesce(d.total, 0))`,
  },
  {
    name: 'accounts that disagree with their open holds',
    tables: ['account', 'hold'],
    sql: `select count(*)::text as value from account a
            left join (select account_id, sum(amount) as total from hold where state = 'open' group by 1) h
              on h.account_id = a.id
           where a.kind = 'customer' and a.debits_pending <> coalesce(h.total, 0)`,
  },
  {
    name: 'usage events still to be rolled up',
    tables: ['usage_event', 'usage_rollup_state'],
    sql: `select count(*)::text as value from usage_event where tx >= (select watermark from usage_rollup_state)`,
  },
];

/**
 * Measures everything that is stored: per table the number of rows and a digest of their contents that does not depend on
 * their order, the sums of the books, and what must be true of them. Two databases with equal figures hold the same rows;
 * only transaction numbers (xid8), which mean nothing in another database, are left out.
 *
 * Reads every row. @param session a transaction, so that all figures are of one moment.
 */
export async function readBooksDigest(session: SqlSession): Promise<BooksFigure[]> {
  await session.query(`set local time zone 'UTC'`);
  await session.query(`set local datestyle = 'ISO, MDY'`);
  await session.query(`set local bytea_output = 'hex'`);
  const tables = await readStoredTables(session);
  const figures: BooksFigure[] = [];
  for (const table of tables) figures.push(await digestTable(session, table));
  for (const sums of SUMS) {
    const table = tables.find(({ name }) => name === sums.table);
    if (table) figures.push(...(await sumUp(session, sums, table)));
  }
  for (const check of CHECKS) {
    if (!check.tables.every((name) => tables.some((table) => table.name === name))) continue;
    const [row] = await session.query<{ value: string }>(check.sql);
    figures.push({ name: check.name, value: row?.value ?? '' });
  }
  return figures;
}

async function digestTable(session: SqlSession, { name, columns }: StoredTable): Promise<BooksFigure> {
  const texts = columns.filter(({ type }) => type !== 'xid8').map((column) => `${quoteName(column.name)}::text`);
  // 60 bits of each row, summed up: the same for any order, and different when a row is missing, doubled or changed.
  const [row] = await session.query<{ count: string; digest: string }>(
    `select count(*)::text as count,
            coalesce(sum(('x' || left(md5(row(${texts.join(', ')})::text), 15))::bit(60)::bigint), 0)::text as digest
       from ${quoteName(name)}`,
  );
  return { name: `table ${name}`, value: `${row?.count} rows, digest ${row?.digest}` };
}

async function sumUp(session: SqlSession, { by, columns }: Sums, table: StoredTable): Promise<BooksFigure[]> {
  const known = columns.filter((name) => table.columns.some((column) => column.name === name));
  const sums = known.map((name) => `coalesce(sum(${quoteName(name)}), 0)::text as ${quoteName(name)}`);
  const group = by === undefined ? `''` : `${quoteName(by)}::text collate "C"`;
  const rows = await session.query<Record<string, string>>(
    `select ${[`${group} as "group"`, `count(*)::text as "count"`, ...sums].join(', ')} from ${quoteName(table.name)}
      group by 1 order by 1`,
  );
  return rows.flatMap((row) => {
    const title = row['group'] ? `${table.name} ${row['group']}` : table.name;
    const counts = by === undefined ? [] : [{ name: `${title}: rows`, value: row['count'] ?? '' }];
    return [...counts, ...known.map((name) => ({ name: `${title}: sum of ${name}`, value: row[name] ?? '' }))];
  });
}
