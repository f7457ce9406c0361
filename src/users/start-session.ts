import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import { generateStaffToken, SESSION_PREFIX } from './staff-token.js';

/** However much it is used, a session ends after so long. */
export const SESSION_HOURS_MAX = 12;
const USER_AGENT_CHARS_MAX = 256;

/** Where a session was begun. */
export interface SessionOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** A session that was begun; the token is shown once. */
export interface NewSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Begins a session of a person who has proved who they are. */
export async function startSession(
  session: SqlSession,
  keyring: Pick<Keyring, 'deriveKey'>,
  userId: string,
  origin: SessionOrigin,
): Promise<NewSession> {
  const { token, hash } = generateStaffToken(keyring, SESSION_PREFIX);
  const [row] = await session.query<{ id: string; expires_at: Date }>(
    `insert into user_session (user_id, token_hash, address, user_agent, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(hours => ${SESSION_HOURS_MAX})) returning id, expires_at`,
    [userId, hash, origin.address, origin.userAgent.slice(0, USER_AGENT_CHARS_MAX)],
  );
  if (row === undefined) throw new Error('The session was not stored');
  return { id: row.id, token, expiresAt: row.expires_at };
}
