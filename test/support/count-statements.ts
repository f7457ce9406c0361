import { jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { TestHub } from './hub.js';

/**
 * Counts the SQL statements with which the admin API answers something, those that find out who asks included.
 * (On the embedded database those of everything else as well, of which there are none while a test does nothing else.)
 */
export async function countStatements(hub: TestHub, work: () => Promise<unknown>): Promise<number> {
  const spy = jest.spyOn(hub.app.get(Database).adminSql, 'query');
  try {
    await work();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}
