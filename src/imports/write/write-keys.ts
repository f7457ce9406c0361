import { hashApiKey } from '../../keys/hash-api-key.js';
import { insertTotalBudgets } from '../../quota/insert-total-budgets.js';
import { ImportError } from '../import-error.js';
import type { PlannedKey } from '../plan/import-plan.js';
import { parts, type WriteContext, type WriteCount } from './write-context.js';

const ROWS_AT_ONCE = 500;

/** Tokens to API keys: their keyed hashes and last four characters, never the keys. */
export async function writeKeys(context: WriteContext): Promise<WriteCount> {
  const { plan, keyring } = context;
  let made = 0;
  for (const part of parts(plan.keys, ROWS_AT_ONCE)) {
    const hashed = part.map((key) => ({ key, hash: hashApiKey(keyring.apiKeyPepper, key.secret).toString('hex') }));
    made += await writePart(context, hashed);
  }
  return { made, present: plan.keys.length - made };
}

interface HashedKey {
  readonly key: PlannedKey;
  readonly hash: string;
}

async function writePart(context: WriteContext, part: readonly HashedKey[]): Promise<number> {
  const { session, origins, label, notes } = context;
  const known = await findKeys(context, part);
  const changed = await findChanged(context, part);
  const fresh = part.filter(({ key, hash }) => !known.has(hash) && origins.find('key', key.sourceId) === undefined);
  for (const { key, hash } of part) {
    const before = origins.find('key', key.sourceId);
    const subject = `key ${key.sourceId} "${key.name}"`;
    if (before !== undefined && !known.has(hash) && changed.has(before)) {
      notes.warn(subject, 'has a new secret here; the one it has there stays ended');
    } else if (before !== undefined && before !== known.get(hash)) {
      // A token never changes its key there: another one under its number belongs to another database.
      throw new ImportError(
        `Another database was imported as "${label}": its key ${key.sourceId} was a different one. ` +
          'Give this one a name of its own with --as. Nothing was changed.',
      );
    } else if (before === undefined && known.has(hash)) {
      notes.warn(subject, 'is here already, from another import; it stays as it is');
    }
  }
  if (fresh.length === 0) return 0;
  const ids = await insertKeys(context, fresh);
  const budgets = new Map<string, bigint>();
  for (const { key, hash } of fresh) {
    const id = ids.get(hash);
    if (id === undefined) throw new Error(`The key ${key.sourceId} was not stored`);
    origins.add('key', key.sourceId, id);
    if (key.budget !== undefined) budgets.set(id, key.budget);
  }
  if (budgets.size > 0) await insertTotalBudgets(session, budgets);
  return fresh.length;
}

/** Ids of the keys that are here, by their hashes; the secret before a rotation may still be good, and is no key of its own. */
async function findKeys({ session }: WriteContext, part: readonly HashedKey[]): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ id: string; hash: string }>(
    // Lateral, so that each is found by the indexes: a join would read all keys for every part.
    `select k.id, w.hash from unnest($1::text[]) as w (hash)
      cross join lateral (select id from api_key where key_hash = decode(w.hash, 'hex')
                                                    or previous_hash = decode(w.hash, 'hex') limit 1) k`,
    [part.map(({ hash }) => hash)],
  );
  return new Map(rows.map(({ id, hash }) => [hash, id]));
}

/** Ids of the keys that were imported before and changed here since then, so that they may have another secret. */
async function findChanged(
  { session, origins }: WriteContext,
  part: readonly HashedKey[],
): Promise<ReadonlySet<string>> {
  const ids = part.flatMap(({ key }) => origins.find('key', key.sourceId) ?? []);
  if (ids.length === 0) return new Set();
  const rows = await session.query<{ id: string }>(
    'select id from api_key where id = any ($1::bigint[]) and version > 1',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

async function insertKeys({ session, origins }: WriteContext, keys: readonly HashedKey[]) {
  const rows = keys.map(({ key, hash }) => ({
    account_id: origins.find('account', key.userId) ?? null,
    name: key.name,
    hash,
    last4: key.secret.slice(-4),
    models: key.models ?? null,
    addresses: key.addresses ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    is_revoked: key.isRevoked,
  }));
  const made = await session.query<{ id: string; hash: string }>(
    `insert into api_key (account_id, name, key_hash, last4, models, ip_allow_list, expires_at, revoked_at)
     select k.account_id, k.name, decode(k.hash, 'hex'), k.last4,
            case when k.models is not null then array(select jsonb_array_elements_text(k.models)) end,
            case when k.addresses is not null then array(select jsonb_array_elements_text(k.addresses)) end,
            k.expires_at, case when k.is_revoked then now() end
       from jsonb_to_recordset($1::jsonb) as k (account_id bigint, name text, hash text, last4 text, models jsonb,
                                                addresses jsonb, expires_at timestamptz, is_revoked boolean)
     returning id, encode(key_hash, 'hex') as hash`,
    [JSON.stringify(rows)],
  );
  return new Map(made.map(({ id, hash }) => [hash, id]));
}
