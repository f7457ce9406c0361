import type { SqlSession } from '../database/sql.js';
import { CommandError } from './command.js';

/** The customer's account with this id or name. @throws CommandError when there is none, or more than one. */
export async function findAccount(session: SqlSession, wanted: string): Promise<{ id: string; name: string }> {
  const rows = await session.query<{ id: string; name: string }>(
    `select id, name from account where kind = 'customer' and (id::text = $1 or name = $1) order by id limit 2`,
    [wanted],
  );
  const [account] = rows;
  if (account === undefined) throw new CommandError(`There is no account ${wanted}.`);
  if (rows.length > 1) throw new CommandError(`More than one account is called ${wanted}; give its id.`);
  return account;
}
