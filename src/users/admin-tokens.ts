import { invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import { PERMISSIONS, type Permission, type Role, reachOf } from './permission.js';
import { ADMIN_TOKEN_PREFIX, generateStaffToken } from './staff-token.js';

const DAY_MS = 86_400_000;
/** A year, and the day that some years have more. */
const DAYS_MAX = 366;
const NAME_CHARS_MAX = 128;
/** More are a sign of automation that forgets to take the old ones back. */
const PER_USER_MAX = 50;

/** A personal admin token, without its secret. */
export interface AdminToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly last4: string;
  readonly permissions: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
}

/** A token that somebody wants. */
export interface WantedAdminToken {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly expiresAt: Date;
}

const COLUMNS = `id, user_id as "userId", name, last4, permissions, created_at as "createdAt", expires_at as "expiresAt",
  revoked_at as "revokedAt", last_used_at as "lastUsedAt"`;

/**
 * Makes a token of a person.
 *
 * @param wanted `permissions` must be ones that the role has.
 * @returns the token itself too, which is shown once.
 * @throws HubError 400 naming the field, 409 `too_many_tokens`.
 */
export async function createAdminToken(
  session: SqlSession,
  keyring: Pick<Keyring, 'deriveKey'>,
  owner: { readonly userId: string; readonly role: Role },
  wanted: WantedAdminToken,
): Promise<{ readonly token: string; readonly stored: AdminToken }> {
  const { name, permissions, expiresAt } = checkWanted(wanted, owner.role);
  // One after the other, so that the limit holds.
  await session.query('select id from app_user where id = $1 for update', [owner.userId]);
  if ((await countLiveTokens(session, owner.userId)) >= PER_USER_MAX) {
    throw invalidRequest(`A person has at most ${PER_USER_MAX} tokens. Revoke one first.`, 'input', 'too_many_tokens');
  }
  const { token, hash, last4 } = generateStaffToken(keyring, ADMIN_TOKEN_PREFIX);
  const [stored] = await session.query<AdminToken>(
    `insert into admin_token (user_id, name, token_hash, last4, permissions, expires_at) values ($1, $2, $3, $4, $5, $6)
     returning ${COLUMNS}`,
    [owner.userId, name, hash, last4, permissions, expiresAt],
  );
  if (stored === undefined) throw new Error('The token was not stored');
  return { token, stored };
}

/** The tokens of a person, newest first, also those that count no more. @param before an id, for the next page. */
export function listAdminTokens(
  session: SqlSession,
  userId: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<AdminToken[]> {
  return session.query<AdminToken>(
    `select ${COLUMNS} from admin_token where user_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [userId, before, limit],
  );
}

/** How many tokens of a person count. */
export async function countLiveTokens(session: SqlSession, userId: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    `select count(*)::integer as count from admin_token where user_id = $1 and revoked_at is null and expires_at > now()`,
    [userId],
  );
  return row?.count ?? 0;
}

/** A token that was not revoked, locked. */
export async function findAdminToken(session: SqlSession, id: string): Promise<AdminToken | undefined> {
  const [row] = await session.query<AdminToken>(
    `select ${COLUMNS} from admin_token where id = $1 and revoked_at is null for update`,
    [id],
  );
  return row;
}

/** Revokes a token: it is refused from the commit on. @returns how it is now. */
export async function revokeAdminToken(session: SqlSession, id: string): Promise<AdminToken> {
  const [row] = await session.query<AdminToken>(
    `update admin_token set revoked_at = now() where id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  );
  if (row === undefined) throw new Error(`The token ${id} was not there to be revoked`);
  return row;
}

function checkWanted(wanted: WantedAdminToken, role: Role): WantedAdminToken {
  const name = wanted.name.trim();
  if (name === '' || name.length > NAME_CHARS_MAX || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw invalidRequest(`A token has a name of 1 to ${NAME_CHARS_MAX} characters.`, 'input.name');
  }
  const permissions = [...new Set(wanted.permissions)];
  if (permissions.length === 0) throw invalidRequest('Name at least one permission.', 'input.permissions');
  for (const permission of permissions) {
    if (!isPermission(permission)) {
      throw invalidRequest(`There is no permission "${permission.slice(0, 64)}".`, 'input.permissions');
    }
    if (reachOf(role, permission) === undefined) {
      throw invalidRequest(`You do not have the permission "${permission}" yourself.`, 'input.permissions');
    }
  }
  const days = (wanted.expiresAt.getTime() - Date.now()) / DAY_MS;
  if (!(days > 0 && days <= DAYS_MAX)) {
    throw invalidRequest('A token ends in the future, at most one year from now.', 'input.expiresAt');
  }
  return { name, permissions, expiresAt: wanted.expiresAt };
}

function isPermission(name: string): name is Permission {
  return (PERMISSIONS as readonly string[]).includes(name);
}
