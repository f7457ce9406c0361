import { jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { SqlParameter } from '../../src/database/sql.js';
import type { TestHub } from './hub.js';

/** Files of the admin API, in the stack of who asks the database. */
const ADMIN = /\/src\/(admin|users)\//;

/**
 * Counts the SQL statements with which the admin API answers something, those that find out who asks included. What the hub does
 * in the background meanwhile is not counted: the embedded database has one connection for everything.
 */
export async function countStatements(hub: TestHub, work: () => Promise<unknown>): Promise<number> {
  const { adminSql } = hub.app.get(Database);
  const query = adminSql.query.bind(adminSql);
  let count = 0;
  const spy = jest.spyOn(adminSql, 'query').mockImplementation((text: string, parameters?: readonly SqlParameter[]) => {
    if (ADMIN.test(new Error('who asks').stack ?? '')) count += 1;
    return query(text, parameters);
  });
  try {
    await work();
    return count;
  } finally {
    spy.mockRestore();
  }
}
