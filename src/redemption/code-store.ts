import { setImmediate } from 'node:timers/promises';
import type { NanoCredits } from '../common/money.js';
import type { SqlParameter, SqlSession } from '../database/sql.js';
import type { CodeHasher } from './code-hasher.js';
import { generateSymbols, writeCode } from './code-text.js';

/** The most codes one call makes. */
export const CODES_CREATED_MAX = 100_000;
/** Codes of one statement: some tens of milliseconds in which the embedded database lets the process do nothing else. */
const STATEMENT_CODES = 1_000;
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
export type CodeSelector =
  | { readonly id: string }
  | { readonly hash: Buffer }
  | { readonly batch: string }
  | { readonly batchId: string };

/** SQL of the state of a `redemption_code c`. */
export const CODE_STATE_SQL = `case when c.disabled_at is not null then 'disabled' when c.expires_at <= now() then 'expired'
  when c.used >= c.max_uses then 'used up' else 'active' end`;

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

/**
 * Makes a batch of codes; in the caller's transaction, so all of them or none. Only their hashes and last four symbols are stored.
 */
export async function createCodes(session: SqlSession, hasher: CodeHasher, wanted: NewCodes): Promise<CreatedCodes> {
  if (wanted.count < 1 || wanted.count > CODES_CREATED_MAX) throw new RangeError(`${wanted.count} codes at once`);
  const [batch] = await session.query<{ id: string }>(
    `insert into redemption_batch (name, actor) values ($1, $2) returning id`,
    [wanted.batch, wanted.actor],
  );
  if (batch === undefined) throw new Error('The batch of codes was not stored');
  const codes: string[] = [];
  while (codes.length < wanted.count) {
    const part = Array.from({ length: Math.min(STATEMENT_CODES, wanted.count - codes.length) }, generateSymbols);
    await insertCodes(session, hasher, batch.id, part, wanted);
    for (const symbols of part) codes.push(writeCode(symbols));
    // The embedded database answers without ever going back to the event loop: streams that are running would stand still
    // until all codes are made.
    await setImmediate();
  }
  return { batchId: batch.id, codes };
}

/** The same code twice is refused by the table: it would take luck that 75 random bits do not have. */
async function insertCodes(
  session: SqlSession,
  hasher: CodeHasher,
  batchId: string,
  codes: readonly string[],
  { amount, maxUses, expiresAt }: NewCodes,
): Promise<void> {
  await session.query(
    `insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses, expires_at)
     select $1, decode(c.hash, 'hex'), c.last4, $4, $5, $6 from unnest($2::text[], $3::text[]) c (hash, last4)`,
    [
      batchId,
      codes.map((symbols) => hasher.hash(symbols).toString('hex')),
      codes.map((symbols) => symbols.slice(-4)),
      amount,
      maxUses,
      expiresAt ?? null,
    ],
  );
}

/**
 * Ends codes for good; what was redeemed stays. Part of the caller's transaction.
 *
 * @returns how many there are that fit, and how many of them were not disabled before.
 */
export async function disableCodes(
  session: SqlSession,
  selector: CodeSelector,
): Promise<{ found: number; disabled: number }> {
  const [condition, parameter] = toCondition(selector);
  const [row] = await session.query<{ found: number; disabled: number }>(
    `with disabled as (
       update redemption_code c set disabled_at = now() where ${condition} and disabled_at is null returning 1)
     select (select count(*) from redemption_code c where ${condition})::int as found,
            (select count(*) from disabled)::int as disabled`,
    [parameter],
  );
  return { found: row?.found ?? 0, disabled: row?.disabled ?? 0 };
}

/** The newest codes, at most {@link CODES_LISTED_MAX}. @param batch only those of batches with this name. */
export async function listCodes(session: SqlSession, batch?: string): Promise<CodeSummary[]> {
  const rows = await session.query<Row>(
    `select c.id, c.batch_id, b.name as batch, c.last4, c.amount, c.used, c.max_uses, c.expires_at, c.created_at,
            ${CODE_STATE_SQL} as state
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
  if ('batchId' in selector) return ['c.batch_id = $1', selector.batchId];
  if ('hash' in selector) return ['c.code_hmac = $1', selector.hash];
  return ['c.batch_id in (select id from redemption_batch where name = $1)', selector.batch];
}
