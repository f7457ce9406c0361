import type { SqlSession } from './sql.js';

/**
 * Takes a lock that all instances know by its name, until the end of the session's transaction.
 *
 * @returns false when another instance holds it; nobody waits.
 */
export async function tryLock(session: SqlSession, name: string): Promise<boolean> {
  const [row] = await session.query<{ is_mine: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as is_mine',
    [`hub:${name}`],
  );
  return row?.is_mine === true;
}
