import type { SqlSession } from '../database/sql.js';
import type { Role } from './permission.js';

/** Someone who may sign in. */
export interface NewUser {
  readonly accountId?: string;
  readonly email: string;
  /** PHC string. */
  readonly passwordHash: string;
  readonly role: Role;
}

/** Stores a user. The database refuses an e-mail that is taken, whatever its case. @returns the id. */
export async function createUser(session: SqlSession, user: NewUser): Promise<string> {
  const [row] = await session.query<{ id: string }>(
    `insert into app_user (account_id, email, password_hash, role) values ($1, $2, $3, $4) returning id`,
    [user.accountId ?? null, user.email, user.passwordHash, user.role],
  );
  if (row === undefined) throw new Error('The user was not stored');
  return row.id;
}
