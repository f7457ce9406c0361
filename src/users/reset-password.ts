import type { SqlSession } from '../database/sql.js';

/** The administrators there are, oldest first. */
export async function listAdministrators(session: SqlSession): Promise<string[]> {
  const rows = await session.query<{ email: string }>(
    `select email from app_user where role in ('owner', 'admin') order by id`,
  );
  return rows.map((row) => row.email);
}

/** Gives a user another password. @returns false when nobody has this e-mail. */
export async function setPassword(session: SqlSession, email: string, passwordHash: string): Promise<boolean> {
  const rows = await session.query(
    `update app_user set password_hash = $2, updated_at = now() where lower(email) = lower($1) returning id`,
    [email, passwordHash],
  );
  return rows.length === 1;
}
