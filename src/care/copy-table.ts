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

/**
 * Transaction numbers mean nothing in another database, but which events are in the sums already must stay known: the roll-up
 * adds those whose number is not below a watermark. So what is below both watermarks gets a number below theirs, what is below
 * one of them only (a hub of an older version was at work) one between them, everything else the number of this transaction.
 */
const TRANSACTION_NUMBERS: Readonly<Record<string, ColumnRule>> = {
  'usage_event.tx': {
    read: `(select (tx >= least(s.watermark, s.statistics_watermark))::int + (tx >= greatest(s.watermark, s.statistics_watermark))::int
              from usage_rollup_state s)::text`,
    write: `case $ when '0' then '0'::xid8 when '1' then ${numberOfThis(-1)} else ${numberOfThis(0)} end`,
  },
  'usage_rollup_state.watermark': {
    read: '(watermark > statistics_watermark)::text',
    write: `case when ($)::boolean then ${numberOfThis(0)} else ${numberOfThis(-1)} end`,
  },
  'usage_rollup_state.statistics_watermark': {
    read: '(statistics_watermark > watermark)::text',
    write: `case when ($)::boolean then ${numberOfThis(0)} else ${numberOfThis(-1)} end`,
  },
};

/** The number of the transaction that writes, or one near it. */
function numberOfThis(offset: 0 | -1): string {
  return `(pg_current_xact_id()::text::numeric + (${offset}))::text::xid8`;
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
