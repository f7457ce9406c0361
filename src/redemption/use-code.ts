import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import { postEntry } from '../quota/post-entry.js';

/** Why a code cannot be redeemed. */
export type CodeRefusal = 'unknown' | 'already_redeemed' | 'disabled' | 'expired' | 'used_up';

/** What became of a code. */
export type CodeOutcome =
  | { readonly kind: 'redeemed'; readonly codeId: string; readonly last4: string; readonly amount: NanoCredits }
  /** `invalid`: {@link whyInvalid} says why; the public API does not. */
  | { readonly kind: 'refused'; readonly reason: 'already_redeemed' | 'invalid' };

/** Who redeems which code. */
export interface CodeUse {
  readonly accountId: string;
  /** Of the code, as `CodeHasher` makes it. */
  readonly hash: Buffer;
  /** For the entry, such as `account:7` or `user:3`. */
  readonly actor: string;
}

/**
 * Takes one use of a code for an account and posts its worth; part of the caller's transaction, which has the account's row
 * locked. A refusal changes nothing.
 *
 * @throws HubError 400 `amount_overflow`.
 */
export async function useCode(session: SqlSession, { accountId, hash, actor }: CodeUse): Promise<CodeOutcome> {
  const redeemed = await session.query(
    `select 1 from redemption_code c join redemption r on r.code_id = c.id where c.code_hmac = $1 and r.account_id = $2`,
    [hash, accountId],
  );
  if (redeemed.length > 0) return { kind: 'refused', reason: 'already_redeemed' };
  const [code] = await session.query<{ id: string; amount: string; last4: string }>(
    `update redemption_code set used = used + 1
      where code_hmac = $1 and disabled_at is null and (expires_at is null or expires_at > now()) and used < max_uses
     returning id, amount, last4`,
    [hash],
  );
  if (code === undefined) return { kind: 'refused', reason: 'invalid' };
  await session.query(`insert into redemption (code_id, account_id) values ($1, $2)`, [code.id, accountId]);
  const amount = BigInt(code.amount);
  await postEntry(session, {
    kind: 'redeem',
    accountId,
    amount,
    ref: `${code.id}:${accountId}`,
    actor,
    reason: `Redemption code ending in ${code.last4}`,
  });
  return { kind: 'redeemed', codeId: code.id, last4: code.last4, amount };
}

/** Why a code was refused that no account could redeem now, in the transaction that refused it. */
export async function whyInvalid(session: SqlSession, hash: Buffer): Promise<CodeRefusal> {
  const [code] = await session.query<{ is_disabled: boolean; is_expired: boolean }>(
    `select disabled_at is not null as is_disabled, coalesce(expires_at <= now(), false) as is_expired
       from redemption_code where code_hmac = $1`,
    [hash],
  );
  if (code === undefined) return 'unknown';
  if (code.is_disabled) return 'disabled';
  return code.is_expired ? 'expired' : 'used_up';
}
