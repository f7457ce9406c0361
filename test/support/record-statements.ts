import { Database } from '../../src/database/database.js';
import type { TestHub } from './hub.js';

/**
 * Records the SQL statements outside of transactions that the admin API makes while `work` runs. On the embedded database that is
 * everybody's: what other parts of the hub ask for meanwhile is left out by `isOurs`.
 */
export async function recordStatements(
  hub: Pick<TestHub, 'app'>,
  isOurs: (text: string) => boolean,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const sql = hub.app.get(Database).adminSql;
  const { query } = sql;
  const texts: string[] = [];
  sql.query = (text, parameters) => {
    if (isOurs(text)) texts.push(text);
    return query.call(sql, text, parameters) as ReturnType<typeof sql.query<never>>;
  };
  try {
    await work();
  } finally {
    sql.query = query;
  }
  return texts;
}
