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
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  account_rpm_limit: number | null;
  account_tpm_limit: number | null;
  account_concurrency_limit: number | null;
  group_id: string;
  multiplier_millionths: string;
  group_models: string[] | null;
  capture_until: Date | null;
}

/**
 * Finds a key by its keyed hash, or null; by that of its secret before the last rotation it is one that expires sooner. One read
 * by unique indexes.
 */
export async function findApiKey(sql: Sql, keyHash: Buffer): Promise<StoredApiKey | null> {
  const [row] = await sql.query<Row>(
    `select k.id, k.account_id, a.status as account_status, k.scopes, k.models, k.ip_allow_list,
            case when k.key_hash = $1 then k.key_hash else k.previous_hash end as key_hash,
            case when k.key_hash = $1 then k.expires_at else least(k.expires_at, k.previous_until) end as expires_at,
            k.revoked_at is not null as is_revoked, k.rpm_limit, k.tpm_limit, k.concurrency_limit, k.capture_until,
            a.rpm_limit as account_rpm_limit, a.tpm_limit as account_tpm_limit,
            a.concurrency_limit as account_concurrency_limit,
            g.id as group_id, g.multiplier_millionths, g.models as group_models
       from api_key k join account a on a.id = k.account_id join account_group g on g.id = a.group_id
      where k.key_hash = $1 or k.previous_hash = $1`,
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
    limits: { rpm: row.rpm_limit, tpm: row.tpm_limit, concurrency: row.concurrency_limit },
    accountLimits: {
      rpm: row.account_rpm_limit,
      tpm: row.account_tpm_limit,
      concurrency: row.account_concurrency_limit,
    },
    groupId: row.group_id,
    multiplierMillionths: BigInt(row.multiplier_millionths),
    groupModels: row.group_models,
    captureUntilMs: row.capture_until?.getTime() ?? 0,
  };
}
