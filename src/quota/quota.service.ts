import { Inject, Injectable } from '@nestjs/common';
import type { NanoCredits } from '../common/money.js';
import { Sql } from '../database/sql.js';
import { type Grant, postGrant } from './post-grant.js';
import { accountNotFound } from './quota.errors.js';

/** What an account has. All amounts in nano-credits. */
export interface Balance {
  /** Everything ever given, less everything spent; open holds are not deducted. */
  readonly remaining: NanoCredits;
  /** Set aside for requests that are running. */
  readonly held: NanoCredits;
  /** What a new request may use: remaining less held. Never below zero. */
  readonly available: NanoCredits;
}

/** The ledger: accounts and amounts. It knows nothing of models, callers or HTTP. */
@Injectable()
export class QuotaService {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /**
   * Gives quota to an account, once per reference.
   *
   * @returns false when this grant had been posted before.
   * @throws HubError 404 without such an account, 409 when the reference was used for another account or amount.
   */
  grant(
    accountId: string,
    amount: NanoCredits,
    { actor, reason, ref }: Pick<Grant, 'actor' | 'reason' | 'ref'>,
  ): Promise<boolean> {
    return this.sql.transaction((session) => postGrant(session, { accountId, amount, actor, reason, ref }));
  }

  /** @throws HubError 404 without such an account. */
  async balance(accountId: string): Promise<Balance> {
    const [row] = await this.sql.query<{ remaining: string; held: string }>(
      `select credits_posted - debits_posted as remaining, debits_pending as held from account where id = $1`,
      [accountId],
    );
    if (row === undefined) throw accountNotFound(accountId);
    const [remaining, held] = [BigInt(row.remaining), BigInt(row.held)];
    return { remaining, held, available: remaining - held };
  }
}
