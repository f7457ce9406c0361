import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../common/hub-error.js';
import { isUniqueViolation } from '../database/database-error.js';
import { Sql, type SqlSession } from '../database/sql.js';
import { Idempotency, type IdempotencyClaim, type StoredAnswer } from '../idempotency/idempotency.service.js';
import { type AttemptThrottle, AttemptThrottles } from '../limits/attempt-throttle.js';
import { type AccountFigures, quotaInUnits, unitsDown } from '../quota/quota-units.js';
import { Keyring } from '../secrets/keyring.js';
import { CodeHasher } from './code-hasher.js';
import { readCode } from './code-text.js';
import { codeAlreadyRedeemed, codeInvalid } from './redemption.errors.js';
import { type CodeRefusal, useCode } from './use-code.js';

const HASH_BYTES = 32;
const HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** A code that somebody wants to redeem. */
export interface RedemptionAttempt {
  readonly accountId: string;
  /** As it was typed. */
  readonly code: string;
  /** Where the request comes from, for the throttle. */
  readonly address: string;
}

/** The same as a request of the public API. */
export interface RedemptionRequest extends RedemptionAttempt {
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
  redeem({ claim, ...attempt }: RedemptionRequest): Promise<RedemptionAnswer> {
    const { accountId } = attempt;
    return this.inTurn(accountId, async () => {
      const stored = claim === undefined ? undefined : await this.idempotency.find(claim);
      if (stored !== undefined) return { ...stored, isReplay: true };
      return await this.throttled(attempt, (hash) => this.redeemOnce(accountId, hash, claim));
    });
  }

  /**
   * Makes an attempt of somebody else's transaction: in its turn and under the same throttle as {@link redeem}.
   *
   * @param work redeems the code with this hash by `useCode`, in a transaction that locks the account's row first. What it returns
   * says whether the code was refused.
   * @returns what `work` returns.
   * @throws HubError 429 `too_many_attempts`; whatever `work` throws.
   */
  attempt<Outcome extends { readonly refusal?: CodeRefusal }>(
    attempt: RedemptionAttempt,
    work: (hash: Buffer) => Promise<Outcome>,
  ): Promise<Outcome> {
    return this.inTurn(attempt.accountId, () => this.throttled(attempt, work));
  }

  /**
   * One after the other, as the account's lock would have them anyway: so that guesses sent all at once cannot pass the throttle
   * before the first of them is counted.
   */
  private inTurn<Result>(accountId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.attempts.get(accountId) ?? Promise.resolve();
    const attempt = before.catch(() => undefined).then(work);
    this.attempts.set(accountId, attempt);
    return attempt.finally(() => {
      if (this.attempts.get(accountId) === attempt) this.attempts.delete(accountId);
    });
  }

  /** Counts refusals, but of a code that the account has had: whoever has had it does not guess. */
  private async throttled<Outcome extends { readonly refusal?: CodeRefusal }>(
    { accountId, address, code }: RedemptionAttempt,
    work: (hash: Buffer) => Promise<Outcome>,
  ): Promise<Outcome> {
    const keys = [`account:${accountId}`, `ip:${address}`];
    await this.throttle.check(keys);
    const symbols = readCode(code);
    // What cannot be a code is looked up as well, as one that nobody has: it takes as long as any other.
    const hash = symbols === undefined ? randomBytes(HASH_BYTES) : this.hasher.hash(symbols);
    try {
      const outcome = await work(hash);
      if (outcome.refusal !== undefined && outcome.refusal !== 'already_redeemed') await this.throttle.note(keys);
      return outcome;
    } catch (error) {
      if (error instanceof HubError && error.code === 'code_invalid') await this.throttle.note(keys);
      throw isUniqueViolation(error, 'redemption_pkey') ? codeAlreadyRedeemed() : error;
    }
  }

  private redeemOnce(
    accountId: string,
    hash: Buffer,
    claim: IdempotencyClaim | undefined,
  ): Promise<RedemptionAnswer & { readonly refusal?: undefined }> {
    return this.sql.transaction(async (session) => {
      // The account before anything else, as the ledger does, so that two transactions cannot wait for each other.
      await session.query(`select id from account where id = $1 for no key update`, [accountId]);
      const stored = claim === undefined ? undefined : await this.idempotency.claim(session, claim);
      if (stored !== undefined) return { ...stored, isReplay: true };
      const outcome = await useCode(session, { accountId, hash, actor: `account:${accountId}` });
      if (outcome.kind === 'refused') {
        throw outcome.reason === 'already_redeemed' ? codeAlreadyRedeemed() : codeInvalid();
      }
      const { total } = quotaInUnits(await readFigures(session, accountId));
      const body = `{"success":true,"data":{"addedQuota":${unitsDown(outcome.amount)},"totalQuota":${total}}}`;
      const answer: StoredAnswer = { status: 200, headers: HEADERS, body };
      if (claim !== undefined) await this.idempotency.complete(session, claim, answer);
      return { ...answer, isReplay: false };
    });
  }
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
