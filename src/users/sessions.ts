import type { SqlSession } from '../database/sql.js';
import { SESSION_IDLE_MINUTES } from './identify.js';

/** A session that is going on. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** What makes a row of `user_session s` a session that is going on. */
const IS_LIVE = `s.ended_at is null and s.expires_at > now()
  and s.last_seen_at > now() - make_interval(mins => ${SESSION_IDLE_MINUTES})`;
const COLUMNS = `s.id, s.user_id as "userId", s.address, s.user_agent as "userAgent", s.created_at as "createdAt",
  s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt"`;

/** The sessions of a person that are going on, newest first. @param before an id, for the next page. */
export function listSessions(
  session: SqlSession,
  userId: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<LiveSession[]> {
  return session.query<LiveSession>(
    `select ${COLUMNS} from user_session s where s.user_id = $1 and ${IS_LIVE} and ($2::bigint is null or s.id < $2)
      order by s.id desc limit $3`,
    [userId, before, limit],
  );
}

/** A session that is going on. */
export async function findSession(session: SqlSession, id: string): Promise<LiveSession | undefined> {
  const [row] = await session.query<LiveSession>(
    `select ${COLUMNS} from user_session s where s.id = $1 and ${IS_LIVE}`,
    [id],
  );
  return row;
}

/** Ends a session: its token is refused from the commit on. @returns false when it was over. */
export async function endSession(session: SqlSession, id: string): Promise<boolean> {
  const rows = await session.query(
    'update user_session set ended_at = now() where id = $1 and ended_at is null returning id',
    [id],
  );
  return rows.length === 1;
}

/**
 * Ends all sessions of a person.
 * @param except one that goes on.
 * @returns how many there were.
 */
export async function endSessionsOf(session: SqlSession, userId: string, except?: string): Promise<number> {
  const rows = await session.query(
    `update user_session s set ended_at = now() where s.user_id = $1 and ${IS_LIVE} and ($2::bigint is null or s.id <> $2)
     returning s.id`,
    [userId, except ?? null],
  );
  return rows.length;
}
