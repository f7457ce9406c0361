import type { SqlParameter, SqlSession } from '../database/sql.js';

/** An API key as operators see it. */
export interface ApiKeySummary {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly name: string;
  readonly last4: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

/** Which key is meant: by its id, by its hash, or by name and last four characters. */
export type ApiKeySelector =
  | { readonly id: string }
  | { readonly hash: Buffer }
  | { readonly name: string; readonly last4: string };

interface Row {
  id: string;
  account_id: string;
  account_name: string;
  name: string;
  last4: string;
  state: ApiKeySummary['state'];
  expires_at: Date | null;
  last_used_at: Date | null;
  created_at: Date;
}

const SELECT = `
  select k.id, k.account_id, a.name as account_name, k.name, k.last4, k.expires_at, k.last_used_at, k.created_at,
         case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired' else 'active' end as state
    from api_key k join account a on a.id = k.account_id`;

/** The most keys one list shows. */
export const API_KEYS_LISTED_MAX = 1000;

/** The newest keys, at most {@link API_KEYS_LISTED_MAX}. */
export async function listApiKeys(session: SqlSession): Promise<ApiKeySummary[]> {
  return (await session.query<Row>(`${SELECT} order by k.id desc limit ${API_KEYS_LISTED_MAX}`)).map(toSummary);
}

/** Every key the selector fits; a name with four characters may fit more than one. */
export async function findApiKeys(session: SqlSession, selector: ApiKeySelector): Promise<ApiKeySummary[]> {
  const [condition, parameters] = toCondition(selector);
  return (await session.query<Row>(`${SELECT} where ${condition} order by k.id`, parameters)).map(toSummary);
}

/** @returns false when the key had been revoked before, or does not exist. */
export async function revokeApiKey(session: SqlSession, id: string): Promise<boolean> {
  const revoked = await session.query(
    `update api_key set revoked_at = now(), version = version + 1 where id = $1 and revoked_at is null returning id`,
    [id],
  );
  return revoked.length === 1;
}

function toCondition(selector: ApiKeySelector): [string, SqlParameter[]] {
  if ('id' in selector) return ['k.id = $1', [selector.id]];
  if ('hash' in selector) return ['(k.key_hash = $1 or k.previous_hash = $1)', [selector.hash]];
  return ['k.name = $1 and k.last4 = $2', [selector.name, selector.last4]];
}

function toSummary(row: Row): ApiKeySummary {
  return {
    id: row.id,
    accountId: row.account_id,
    accountName: row.account_name,
    name: row.name,
    last4: row.last4,
    state: row.state,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}
