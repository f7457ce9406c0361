import { AMOUNT_MAX } from '../common/credits.js';
import type { NanoCredits } from '../common/money.js';
import { isUniqueViolation } from '../database/database-error.js';
import type { SqlSession } from '../database/sql.js';
import { accountNotFound, amountOverflow, balanceTooLow, grantConflict } from './quota.errors.js';

/** Movements between the house and an account that no request causes. */
export type PostedKind = 'topup' | 'grant' | 'redeem' | 'adjust' | 'refund' | 'expire';

/** A movement to post. */
export interface Posting {
  readonly kind: PostedKind;
  readonly accountId: string;
  /** Above zero it enters the account, below zero it leaves it: always above for `topup`, `grant`, `redeem` and `refund`,
   * below for `expire`, either for `adjust`. */
  readonly amount: NanoCredits;
  /** Unique per kind. Makes the movement happen once: posting the same again changes nothing. */
  readonly ref: string;
  /** Who did it, such as `bootstrap` or `user:7`. */
  readonly actor: string;
  readonly reason?: string;
}

/** The entry of a {@link Posting}. */
export interface PostedEntry {
  readonly entryId: string;
  /** False when the same had been posted before. */
  readonly isNew: boolean;
}

/** Codes of the SQL function `ledger_post`. */
const POSTED = 1;
const POSTED_BEFORE = 2;
const TOO_LOW = 3;
const NO_ACCOUNT = 4;
const CONFLICT = 5;

/**
 * Posts money in or out of an account: an entry and the account's counters, in one round trip that is a transaction of its
 * own or part of the caller's. No movement takes an account below zero, open holds counted.
 *
 * @throws RangeError when the amount has the wrong sign for its kind; HubError 404 without such an account, 409
 * `grant_conflict` when the reference was used for another account or amount, 409 `insufficient_balance`, 400
 * `amount_overflow` when the account cannot hold that much.
 */
export async function postEntry(session: SqlSession, posting: Posting): Promise<PostedEntry> {
  const { kind, accountId, amount, ref, actor, reason } = posting;
  checkSign(kind, amount);
  if (amount > AMOUNT_MAX || amount < -AMOUNT_MAX) throw amountOverflow();
  const [row] = await session
    .query<{ code: number; entry_id: string | null }>(
      `select code, entry_id from ledger_post($1, $2, $3, $4, $5, $6)`,
      [kind, accountId, amount, ref, actor, reason ?? null],
    )
    .catch((error: unknown) => {
      // Another account used the reference at the same moment: its lock is not the one that was held here.
      throw isUniqueViolation(error, 'entry_kind_ref_key') ? grantConflict(ref) : error;
    });
  const { code, entry_id: entryId } = row ?? { code: undefined, entry_id: null };
  if ((code === POSTED || code === POSTED_BEFORE) && entryId !== null) return { entryId, isNew: code === POSTED };
  if (code === TOO_LOW) throw balanceTooLow();
  if (code === NO_ACCOUNT) throw accountNotFound(accountId);
  if (code === CONFLICT) throw grantConflict(ref);
  throw amountOverflow();
}

function checkSign(kind: PostedKind, amount: NanoCredits): void {
  if (amount === 0n) throw new RangeError('An amount must not be zero');
  if (kind !== 'adjust' && amount > 0n !== (kind !== 'expire')) {
    throw new RangeError(`The amount of "${kind}" must be ${kind === 'expire' ? 'less' : 'more'} than zero`);
  }
}
