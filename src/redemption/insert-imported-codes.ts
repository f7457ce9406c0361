import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import type { CodeHasher } from './code-hasher.js';

/** Codes that were made by another product. */
export interface ImportedCodes {
  /** A name to know them by. */
  readonly batch: string;
  /** Who brings them, such as `import:new-api`. */
  readonly actor: string;
  readonly codes: readonly ImportedCode[];
}

/** One of them. */
export interface ImportedCode {
  /** 32 hexadecimal digits, as `readCode` gives them. */
  readonly symbols: string;
  readonly amount: NanoCredits;
  readonly expiresAt?: Date;
}

/**
 * Stores codes that can be redeemed once each; one that is here already stays as it is, and makes no batch.
 *
 * @returns the ids of the new ones, by their digits.
 */
export async function insertImportedCodes(
  session: SqlSession,
  hasher: CodeHasher,
  { batch, actor, codes }: ImportedCodes,
): Promise<ReadonlyMap<string, string>> {
  const byHash = new Map(codes.map((code) => [hasher.hash(code.symbols).toString('hex'), code]));
  const known = await session.query<{ hash: string }>(
    `select encode(c.code_hmac, 'hex') as hash from redemption_code c
       join unnest($1::text[]) as w (hash) on c.code_hmac = decode(w.hash, 'hex')`,
    [[...byHash.keys()]],
  );
  for (const { hash } of known) byHash.delete(hash);
  if (byHash.size === 0) return new Map();
  const fresh = [...byHash];
  const made = await session.query<{ id: string; hash: string }>(
    `with batch as (insert into redemption_batch (name, actor) values ($1, $2) returning id)
     insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses, expires_at)
     select b.id, decode(c.hash, 'hex'), c.last4, c.amount, 1, c.expires_at::timestamptz
       from batch b, unnest($3::text[], $4::text[], $5::bigint[], $6::text[]) as c (hash, last4, amount, expires_at)
     returning id, encode(code_hmac, 'hex') as hash`,
    [
      batch,
      actor,
      fresh.map(([hash]) => hash),
      fresh.map(([, { symbols }]) => symbols.slice(-4)),
      fresh.map(([, { amount }]) => amount),
      fresh.map(([, { expiresAt }]) => expiresAt?.toISOString() ?? null),
    ],
  );
  return new Map(made.map(({ id, hash }) => [byHash.get(hash)?.symbols ?? '', id]));
}
