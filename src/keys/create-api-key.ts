import { generateApiKey, isWellFormedApiKey } from '../common/api-key.js';
import type { SqlSession } from '../database/sql.js';
import { isLimited, type Limits } from '../limits/limit-subject.js';
import type { Keyring } from '../secrets/keyring.js';
import type { ApiKeyScope } from './api-key-scope.js';
import { hashApiKey } from './hash-api-key.js';

/** What a new key may do. A list that is left out restricts nothing. */
export interface NewApiKey {
  readonly accountId: string;
  readonly name: string;
  readonly models?: readonly string[];
  /** What it may be used for. */
  readonly scopes?: readonly ApiKeyScope[];
  readonly ipAllowList?: readonly string[];
  readonly expiresAt?: Date;
  /** Requests per minute, tokens per minute and requests at the same time. */
  readonly limits?: Limits;
  /** The account's own people make it: they may change its limits later. */
  readonly isByMember?: boolean;
  /** A key made elsewhere, for unattended installs; one is generated when it is left out. */
  readonly key?: string;
}

/** A key that was made. `key` is shown once and cannot be had again. */
export interface CreatedApiKey {
  readonly id: string;
  readonly key: string;
  readonly last4: string;
}

/** Stores a new API key: its hash and last four characters, never the key. */
export async function createApiKey(
  session: SqlSession,
  keyring: Pick<Keyring, 'apiKeyPepper'>,
  wanted: NewApiKey,
): Promise<CreatedApiKey> {
  const key = wanted.key ?? generateApiKey();
  if (!isWellFormedApiKey(key)) throw new RangeError('The key is not a well-formed API key');
  const last4 = key.slice(-4);
  const { limits = {} } = wanted;
  const [row] = await session.query<{ id: string }>(
    `insert into api_key (account_id, name, key_hash, last4, scopes, models, ip_allow_list, expires_at, rpm_limit, tpm_limit,
                          concurrency_limit, limits_by_staff)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      wanted.accountId,
      wanted.name,
      hashApiKey(keyring.apiKeyPepper, key),
      last4,
      wanted.scopes ?? null,
      wanted.models ?? null,
      wanted.ipAllowList ?? null,
      wanted.expiresAt ?? null,
      limits.rpm ?? null,
      limits.tpm ?? null,
      limits.concurrency ?? null,
      isLimited(limits) && wanted.isByMember !== true,
    ],
  );
  if (row === undefined) throw new Error('The API key was not stored');
  return { id: row.id, key, last4 };
}
