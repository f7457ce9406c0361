import type { Sql } from '../database/sql.js';
import type { StoredApiKey } from './caller.js';

interface Row {
  id: string;
  account_id: string;
  account_status: string;
  key_hash: Buffer;
  scopes: string[] | null;
  models: string[] | null;
  ip_allow_list: string[] | null;
  expires_at: Date | null;
  is_revoked: boolean;
}

/** Finds a key by its keyed hash, or null. One read by a unique index. */
export async function findApiKey(sql: Sql, keyHash: Buffer): Promise<StoredApiKey | null> {
  const [row] = await sql.query<Row>(
    `select k.id, k.account_id, a.status as account_status, k.key_hash, k.scopes, k.models, k.ip_allow_list,
            k.expires_at, k.revoked_at is not null as is_revoked
       from api_key k join account a on a.id = k.account_id
      where k.key_hash = $1`,
    [keyHash],
  );
  if (row === undefined) return null;
  return {
    id: row.id,
    accountId: row.account_id,
    accountStatus: row.account_status,
    keyHash: row.key_hash,
    scopes: row.scopes,
    models: row.models,
    ipAllowList: row.ip_allow_list,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    isRevoked: row.is_revoked,
  };
}
