import type { SqlSession } from '../database/sql.js';

/** Someone who may sign in. */
export interface NewUser {
  readonly accountId?: string;
  readonly email: string;
  /** PHC string. */
  readonly passwordHash: string;
  readonly role: 'owner' | 'admin' | 'operator' | 'viewer' | 'member';
}

/** Stores a user. The database refuses an e-mail that is taken, whatever its case. */
export async function createUser(session: SqlSession, user: NewUser): Promise<void> {
  await session.query(`insert into app_user (account_id, email, password_hash, role) values ($1, $2, $3, $4)`, [
    user.accountId ?? null,
    user.email,
    user.passwordHash,
    user.role,
  ]);
}
