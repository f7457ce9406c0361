import type { NanoCredits } from '../common/money.js';
import type { Sql, SqlParameter, SqlSession } from '../database/sql.js';
import type { CodeHasher } from './code-hasher.js';
import { generateSymbols, writeCode } from './code-text.js';

/** The most codes one call makes. */
export const CODES_CREATED_MAX = 10_000;
/** The most codes one list shows. */
export const CODES_LISTED_MAX = 1000;

/** Codes to be made. */
export interface NewCodes {
  /** What each is worth; more than zero. */
  readonly amount: NanoCredits;
  /** At most {@link CODES_CREATED_MAX}. */
  readonly count: number;
  /** How many accounts may redeem each. */
  readonly maxUses: number;
  readonly expiresAt?: Date;
  /** A name to know them by. */
  readonly batch: string;
  /** Who made them, such as `cli` or `user:7`. */
  readonly actor: string;
}

/** Codes that were made. They are shown once and cannot be had again. */
export interface CreatedCodes {
  readonly batchId: string;
  /** As `REDEEM-XXXX-XXXX-XXXX-XXXX`. */
  readonly codes: readonly string[];
}

/** Which codes are meant. */
export type CodeSelector = { readonly id: string } | { readonly hash: Buffer } | { readonly batch: string };

/** A code as operators see it. */
export interface CodeSummary {
  readonly id: string;
  readonly batchId: string;
  readonly batch: string;
  readonly last4: string;
  readonly amount: NanoCredits;
  readonly used: number;
  readonly maxUses: number;
  readonly state: 'active' | 'used up' | 'expired' | 'disabled';
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** Makes a batch of codes in one statement, all of them or none. Only their hashes and last four symbols are stored. */
export async function createCodes(session: SqlSession, hasher: CodeHasher, wanted: NewCodes): Promise<CreatedCodes> {
  if (wanted.count < 1 || wanted.count > CODES_CREATED_MAX) throw new RangeError(`${wanted.count} codes at once`);
  const codes = new Set<string>();
  while (codes.size < wanted.count) codes.add(generateSymbols());
  const [row] = await session.query<{ batch_id: string }>(
    `with batch as (insert into redemption_batch (name, actor) values ($1, $2) returning id),
          code as (
            insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses, expires_at)
            select b.id, decode(c.hash, 'hex'), c.last4, $5, $6, $7
              from batch b, unnest($3::text[], $4::text[]) c (hash, last4))
     select id as batch_id from batch`,
    [
      wanted.batch,
      wanted.actor,
      [...codes].map((symbols) => hasher.hash(symbols).toString('hex')),
      [...codes].map((symbols) => symbols.slice(-4)),
      wanted.amount,
      wanted.maxUses,
      wanted.expiresAt ?? null,
    ],
  );
  if (row === undefined) throw new Error('The codes were not stored');
  return { batchId: row.batch_id, codes: [...codes].map(writeCode) };
}

/**
 * Ends codes for good; what was redeemed stays.
 *
 * @returns how many there are that fit, and how many of them were not disabled before.
 */
export function disableCodes(sql: Sql, selector: CodeSelector): Promise<{ found: number; disabled: number }> {
  const [condition, parameter] = toCondition(selector);
  return sql.transaction(async (session) => {
    const disabled = await session.query(
      `update redemption_code c set disabled_at = now() where ${condition} and disabled_at is null returning c.id`,
      [parameter],
    );
    const [row] = await session.query<{ found: number }>(
      `select count(*)::int as found from redemption_code c where ${condition}`,
      [parameter],
    );
    return { found: row?.found ?? 0, disabled: disabled.length };
  });
}

/** The newest codes, at most {@link CODES_LISTED_MAX}. @param batch only those of batches with this name. */
export async function listCodes(session: SqlSession, batch?: string): Promise<CodeSummary[]> {
  const rows = await session.query<Row>(
    `select c.id, c.batch_id, b.name as batch, c.last4, c.amount, c.used, c.max_uses, c.expires_at, c.created_at,
            case when c.disabled_at is not null then 'disabled' when c.expires_at <= now() then 'expired'
                 when c.used >= c.max_uses then 'used up' else 'active' end as state
       from redemption_code c join redemption_batch b on b.id = c.batch_id
      where $1::text is null or b.name = $1 order by c.id desc limit ${CODES_LISTED_MAX}`,
    [batch ?? null],
  );
  return rows.map((row) => ({
    id: row.id,
    batchId: row.batch_id,
    batch: row.batch,
    last4: row.last4,
    amount: BigInt(row.amount),
    used: row.used,
    maxUses: row.max_uses,
    state: row.state,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }));
}

interface Row {
  id: string;
  batch_id: string;
  batch: string;
  last4: string;
  amount: string;
  used: number;
  max_uses: number;
  state: CodeSummary['state'];
  expires_at: Date | null;
  created_at: Date;
}

function toCondition(selector: CodeSelector): [string, SqlParameter] {
  if ('id' in selector) return ['c.id = $1', selector.id];
  if ('hash' in selector) return ['c.code_hmac = $1', selector.hash];
  return ['c.batch_id in (select id from redemption_batch where name = $1)', selector.batch];
}
