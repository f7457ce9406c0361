import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../common/hub-error.js';
import type { NanoCredits } from '../common/money.js';
import { isUniqueViolation } from '../database/database-error.js';
import { Sql, type SqlSession } from '../database/sql.js';
import { Idempotency, type IdempotencyClaim, type StoredAnswer } from '../idempotency/idempotency.service.js';
import { type AttemptThrottle, AttemptThrottles } from '../limits/attempt-throttle.js';
import { postEntry } from '../quota/post-entry.js';
import { type AccountFigures, quotaInUnits, unitsDown } from '../quota/quota-units.js';
import { Keyring } from '../secrets/keyring.js';
import { CodeHasher } from './code-hasher.js';
import { readCode } from './code-text.js';
import { codeAlreadyRedeemed, codeInvalid } from './redemption.errors.js';

const HASH_BYTES = 32;
const HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** A code that somebody wants to redeem. */
export interface RedemptionRequest {
  readonly accountId: string;
  /** As it was typed. */
  readonly code: string;
  /** Where the request comes from, for the throttle. */
  readonly address: string;
  /** Of the request's Idempotency-Key, if it has one. */
  readonly claim?: IdempotencyClaim;
}

/** The answer to a redemption. */
export interface RedemptionAnswer extends StoredAnswer {
  /** True when it was given to an earlier request with the same Idempotency-Key. */
  readonly isReplay: boolean;
}

/** Codes that could not be redeemed, per account and address. */
export const REDEMPTION_ATTEMPTS = { limit: 10, windowMs: 600_000 } as const;

/** Turns codes into quota, each once per account and at most as often as it may be used. */
@Injectable()
export class RedemptionService {
  private readonly hasher: CodeHasher;
  private readonly throttle: AttemptThrottle;
  /** The last attempt of each account that is under way. */
  private readonly attempts = new Map<string, Promise<unknown>>();

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Keyring) keyring: Keyring,
    @Inject(Idempotency) private readonly idempotency: Idempotency,
    @Inject(AttemptThrottles) throttles: AttemptThrottles,
  ) {
    this.throttle = throttles.for('redemption', REDEMPTION_ATTEMPTS);
    this.hasher = new CodeHasher(keyring);
  }

  /**
   * Redeems a code: the use, the entry and the answer for replays are one transaction.
   *
   * @throws HubError 409 `code_already_redeemed` by this account; 400 `code_invalid` for every other code that cannot be
   * redeemed; 429 `too_many_attempts` after too many of the latter; 400 `amount_overflow`; those of {@link Idempotency}.
   */
  redeem(request: RedemptionRequest): Promise<RedemptionAnswer> {
    // One after the other, as the account's lock would have them anyway: so that guesses sent all at once cannot pass the
    // throttle before the first of them is counted.
    const before = this.attempts.get(request.accountId) ?? Promise.resolve();
    const attempt = before.catch(() => undefined).then(() => this.attempt(request));
    this.attempts.set(request.accountId, attempt);
    return attempt.finally(() => {
      if (this.attempts.get(request.accountId) === attempt) this.attempts.delete(request.accountId);
    });
  }

  private async attempt(request: RedemptionRequest): Promise<RedemptionAnswer> {
    const { accountId, address, claim } = request;
    const stored = claim === undefined ? undefined : await this.idempotency.find(claim);
    if (stored !== undefined) return { ...stored, isReplay: true };
    const keys = [`account:${accountId}`, `ip:${address}`];
    await this.throttle.check(keys);
    const symbols = readCode(request.code);
    // What cannot be a code is looked up as well, as one that nobody has: it takes as long as any other.
    const hash = symbols === undefined ? randomBytes(HASH_BYTES) : this.hasher.hash(symbols);
    try {
      return await this.sql.transaction((session) => this.carryOut(session, accountId, hash, claim));
    } catch (error) {
      if (error instanceof HubError && error.code === 'code_invalid') await this.throttle.note(keys);
      throw isUniqueViolation(error, 'redemption_pkey') ? codeAlreadyRedeemed() : error;
    }
  }

  private async carryOut(
    session: SqlSession,
    accountId: string,
    hash: Buffer,
    claim: IdempotencyClaim | undefined,
  ): Promise<RedemptionAnswer> {
    // The account before anything else, as the ledger does, so that two transactions cannot wait for each other.
    await session.query(`select id from account where id = $1 for no key update`, [accountId]);
    const stored = claim === undefined ? undefined : await this.idempotency.claim(session, claim);
    if (stored !== undefined) return { ...stored, isReplay: true };
    const amount = await useCode(session, accountId, hash);
    const { total } = quotaInUnits(await readFigures(session, accountId));
    const body = `{"success":true,"data":{"addedQuota":${unitsDown(amount)},"totalQuota":${total}}}`;
    const answer: StoredAnswer = { status: 200, headers: HEADERS, body };
    if (claim !== undefined) await this.idempotency.complete(session, claim, answer);
    return { ...answer, isReplay: false };
  }
}

/** Takes one use of a code for an account and posts its worth. */
async function useCode(session: SqlSession, accountId: string, hash: Buffer): Promise<NanoCredits> {
  const redeemed = await session.query(
    `select 1 from redemption_code c join redemption r on r.code_id = c.id where c.code_hmac = $1 and r.account_id = $2`,
    [hash, accountId],
  );
  if (redeemed.length > 0) throw codeAlreadyRedeemed();
  const [code] = await session.query<{ id: string; amount: string; last4: string }>(
    `update redemption_code set used = used + 1
      where code_hmac = $1 and disabled_at is null and (expires_at is null or expires_at > now()) and used < max_uses
     returning id, amount, last4`,
    [hash],
  );
  if (code === undefined) throw codeInvalid();
  await session.query(`insert into redemption (code_id, account_id) values ($1, $2)`, [code.id, accountId]);
  const amount = BigInt(code.amount);
  await postEntry(session, {
    kind: 'redeem',
    accountId,
    amount,
    ref: `${code.id}:${accountId}`,
    actor: `account:${accountId}`,
    reason: `Redemption code ending in ${code.last4}`,
  });
  return amount;
}

async function readFigures(session: SqlSession, accountId: string): Promise<AccountFigures> {
  const [row] = await session.query<
    Record<'credits_posted' | 'debits_posted' | 'debits_pending' | 'used_posted', string>
  >(`select credits_posted, debits_posted, debits_pending, used_posted from account where id = $1`, [accountId]);
  if (row === undefined) throw new Error(`Account ${accountId} is gone`);
  return {
    creditsPosted: BigInt(row.credits_posted),
    debitsPosted: BigInt(row.debits_posted),
    debitsPending: BigInt(row.debits_pending),
    usedPosted: BigInt(row.used_posted),
  };
}
