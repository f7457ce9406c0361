import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../database/sql.js';
import { Keyring } from '../secrets/keyring.js';
import type { Actor } from './actor.js';
import { type Permission, POLICY, type Role } from './permission.js';
import { hashStaffToken, kindOfStaffToken } from './staff-token.js';

/** A session ends when nothing came from it for so long. */
export const SESSION_IDLE_MINUTES = 120;

interface Row {
  id: string;
  user_id: string;
  email: string;
  role: Role;
  account_id: string | null;
  permissions: string[] | null;
}

// The time of use is noted at most once a minute, so that reading stays reading.
const SESSION = `
  with found as (
    select s.id, s.user_id, u.email, u.role, u.account_id, null::text[] as permissions,
           s.last_seen_at < now() - interval '1 minute' as is_stale
      from user_session s join app_user u on u.id = s.user_id
     where s.token_hash = $1 and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
       and s.last_seen_at > now() - make_interval(mins => ${SESSION_IDLE_MINUTES})),
  noted as (update user_session s set last_seen_at = now() from found where s.id = found.id and found.is_stale)
  select * from found`;
const TOKEN = `
  with found as (
    select t.id, t.user_id, u.email, u.role, u.account_id, t.permissions,
           coalesce(t.last_used_at < now() - interval '1 minute', true) as is_stale
      from admin_token t join app_user u on u.id = t.user_id
     where t.token_hash = $1 and t.revoked_at is null and t.expires_at > now() and u.disabled_at is null),
  noted as (update admin_token t set last_used_at = now() from found where t.id = found.id and found.is_stale)
  select * from found`;

/** Finds out who a token belongs to. Nothing is remembered: a session that was ended is refused at once, everywhere. */
@Injectable()
export class Identify {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * @param token of a session or a personal admin token, without `Bearer`.
   * @returns undefined when it is unknown, over or revoked, or its person was disabled.
   */
  async byToken(token: string): Promise<Actor | undefined> {
    const kind = kindOfStaffToken(token);
    if (kind === undefined) return undefined;
    const hash = hashStaffToken(this.keyring, token);
    const [row] = await this.sql.query<Row>(kind === 'session' ? SESSION : TOKEN, [hash]);
    if (row === undefined) return undefined;
    return {
      kind,
      id: row.id,
      userId: row.user_id,
      email: row.email,
      role: row.role,
      accountId: row.account_id,
      // Names of an older or newer version of the hub grant nothing.
      permissions: row.permissions && new Set(row.permissions.filter(isPermission)),
    };
  }
}

/** 401: a token that is not valid (any more); the text does not say why. */
export function invalidStaffToken(): HubError {
  return new HubError({
    status: 401,
    code: 'invalid_token',
    message: 'This session or token is not valid, or not any more. Sign in again.',
    shouldRetry: false,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

function isPermission(name: string): name is Permission {
  return Object.hasOwn(POLICY, name);
}
