// @ts-check

/**
 * Drops the indexes of tables, except those that foreign keys need.
 *
 * @param {import('pg').Client} client
 * @param {string[]} tables
 * @returns {Promise<{ table: string, name: string, text: string }[]>} what makes them again
 */
export async function dropIndexes(client, tables) {
  const { rows } = await client.query(
    `select t.relname as table, c.relname as name, k.conname is not null as is_constraint,
            case when k.conname is null then replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
                 else format('alter table %I add constraint %I %s', t.relname, k.conname, pg_get_constraintdef(k.oid)) end as text
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
       left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u')
      where t.relname = any ($1) and not exists (select from pg_constraint f where f.conindid = i.indexrelid and f.contype = 'f')
      order by array_position($1::name[], t.relname), k.conname is null, c.relname`,
    [tables],
  );
  for (const row of rows) {
    await client.query(
      row.is_constraint ? `alter table ${row.table} drop constraint ${row.name}` : `drop index ${row.name}`,
    );
  }
  return rows;
}

/**
 * @param {{ table: string, name: string, text: string }[]} indexes
 * @returns {import('./tasks.mjs').Task[]} one after the other for each table: some lock it
 */
export function makeIndexes(indexes) {
  return indexes.map(({ table, name, text }, at) => {
    const before = indexes[at - 1];
    const isFirst = before?.table !== table;
    return {
      name: `index ${name}`,
      after: isFirst ? [`rows of ${table}`, ...(READ_FOR_SUMS[table] ?? [])] : [`index ${before.name}`],
      run: (/** @type {import('pg').Client} */ client) => client.query(text),
    };
  });
}

/** A constraint waits for those who read the table, and would have their connection stand still. @type {Record<string, string[]>} */
const READ_FOR_SUMS = {
  usage_event: ['rows of usage_hour', 'hours of endings', 'days of endings'],
  usage_hour: ['rows of usage_day', 'rows of usage_user_day', 'hours of keys', 'hours of routes'],
};
