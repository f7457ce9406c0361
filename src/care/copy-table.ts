import type { SqlSession } from '../database/sql.js';
import { quoteName, type StoredColumn, type StoredTable } from './stored-tables.js';

const BATCH_ROWS_MAX = 1000;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;

/** How a column travels: as what text it is read, and what that text becomes. */
interface ColumnRule {
  readonly read: string;
  /** `$` stands for the text. */
  readonly write: string;
}

/** Up to where each kind of sums has been made, in `usage_rollup_state`; null where one is not known. */
const WATERMARKS = ['watermark', 'statistics_watermark', 'passed_watermark'] as const;

/**
 * Transaction numbers mean nothing in another database, but which events are in which sums already must stay known: the roll-up
 * adds those whose number is not below a watermark. So a number travels as its rank, the number of watermarks that are not above it, and
 * becomes one as far from the number of this transaction: an event is below the same watermarks as before.
 */
const TRANSACTION_NUMBERS: Readonly<Record<string, ColumnRule>> = Object.fromEntries([
  [
    'usage_event.tx',
    { read: `(select ${rankOf('usage_event.tx')} from usage_rollup_state s)::text`, write: ofRank('$') },
  ],
  ...WATERMARKS.map((name) => [
    `usage_rollup_state.${name}`,
    {
      read: `(case when ${name} is not null then (select ${rankOf(`usage_rollup_state.${name}`)} from usage_rollup_state s) end)::text`,
      write: ofRank('$'),
    },
  ]),
]);

function rankOf(column: string): string {
  return `num_nonnulls(${WATERMARKS.map((name) => `case when s.${name} <= ${column} then 1 end`).join(', ')})`;
}

/** What is below all watermarks is so in any database. */
function ofRank(rank: string): string {
  return `case when (${rank})::integer = 0 then '0'::xid8
    else (pg_current_xact_id()::text::numeric - ${WATERMARKS.length} + (${rank})::integer)::text::xid8 end`;
}

/**
 * Copies the rows of a table into the same table of another database, in batches of bounded size. Every value travels as
 * PostgreSQL writes it, so that none is changed by a detour through JavaScript.
 *
 * @param source and `target` are transactions.
 */
export async function copyTable(source: SqlSession, target: SqlSession, table: StoredTable): Promise<void> {
  const name = quoteName(table.name);
  const rules = table.columns.map((column) => ruleFor(table, column));
  const row = `json_build_array(${rules.map((rule) => rule.read).join(', ')})::text`;
  const [largest] = await source.query<{ bytes: number | null }>(
    `select max(octet_length(${row})) as bytes from ${name}`,
  );
  if (largest?.bytes == null) return;
  const batchRows = Math.min(BATCH_ROWS_MAX, Math.max(1, Math.floor(BATCH_BYTES_MAX / largest.bytes)));
  const insert = `insert into ${name} (${table.columns.map((column) => quoteName(column.name)).join(', ')})
    overriding system value
    select ${rules.map((rule, i) => rule.write.replaceAll('$', () => `(r ->> ${i})`)).join(', ')}
      from json_array_elements($1::json) r`;
  await source.query(`declare copied no scroll cursor for select ${row} as item from ${name}`);
  try {
    for (;;) {
      const rows = await source.query<{ item: string }>(`fetch ${batchRows} from copied`);
      if (rows.length === 0) return;
      await target.query(insert, [`[${rows.map(({ item }) => item).join(',')}]`]);
    }
  } finally {
    await source.query('close copied');
  }
}

function ruleFor(table: StoredTable, { name, type }: StoredColumn): ColumnRule {
  if (type !== 'xid8') return { read: `${quoteName(name)}::text`, write: `($)::${type}` };
  const rule = TRANSACTION_NUMBERS[`${table.name}.${name}`];
  if (rule === undefined) throw new Error(`No rule says how ${table.name}.${name} is carried over`);
  return rule;
}
