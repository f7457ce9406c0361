import type { SqlSession } from '../database/sql.js';
import { endSessionsOf } from './sessions.js';

/** A person as the operator commands name them. */
export interface NamedPerson {
  readonly id: string;
  readonly email: string;
  readonly accountId: string | null;
}

/** The administrators there are, oldest first. */
export function listAdministrators(session: SqlSession): Promise<NamedPerson[]> {
  return session.query<NamedPerson>(
    `select id, email, account_id as "accountId" from app_user where role in ('owner', 'admin') order by id`,
  );
}

/** Somebody by e-mail, whatever its case. */
export async function findByEmail(session: SqlSession, email: string): Promise<NamedPerson | undefined> {
  const [row] = await session.query<NamedPerson>(
    'select id, email, account_id as "accountId" from app_user where lower(email) = lower($1)',
    [email],
  );
  return row;
}

/**
 * Gives a person another password and ends their sessions.
 *
 * @param keep a session that goes on: the one in which the person chose the password.
 * @param oldHash the hash that must still be there; without it any.
 * @returns how many sessions were ended; undefined when the password is not the old one any more.
 */
export async function setPassword(
  session: SqlSession,
  userId: string,
  passwordHash: string,
  { keep, oldHash }: { readonly keep?: string; readonly oldHash?: string } = {},
): Promise<number | undefined> {
  const rows = await session.query(
    `update app_user set password_hash = $2, password_changed_at = now(), updated_at = now()
      where id = $1 and ($3::text is null or password_hash = $3) returning id`,
    [userId, passwordHash, oldHash ?? null],
  );
  return rows.length === 1 ? endSessionsOf(session, userId, keep) : undefined;
}
