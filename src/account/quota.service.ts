import { Inject, Injectable } from '@nestjs/common';
import type { NanoCredits } from '../common/money.js';
import { Sql } from '../database/sql.js';
import type { AccountFigures } from '../quota/quota-units.js';

/** What a key may still spend in the current period. */
export interface KeyBudget {
  readonly period: 'total' | 'day' | 'month';
  readonly timeZone: string;
  readonly limit: NanoCredits;
  /** Settled in this period. */
  readonly used: NanoCredits;
  /** Open holds of the key. */
  readonly pending: NanoCredits;
  readonly remaining: NanoCredits;
  /** When the next period begins; null for `total`. */
  readonly resetsAt: Date | null;
}

/** An account's counters and the budgets of one of its keys, as of one moment. */
export interface QuotaReport {
  readonly figures: AccountFigures;
  readonly budgets: readonly KeyBudget[];
}

interface Row {
  credits_posted: string;
  debits_posted: string;
  debits_pending: string;
  used_posted: string;
  period: KeyBudget['period'] | null;
  time_zone: string;
  limit_amount: string;
  posted: string;
  pending: string;
  resets_at: Date | null;
}

/** Reads balances. */
@Injectable()
export class QuotaService {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** One statement on the primary, so all figures are of the same moment. */
  async read(accountId: string, keyId: string): Promise<QuotaReport> {
    // A budget's row changes period when money next moves; what it says before then is of the past period.
    const rows = await this.sql.query<Row>(
      `select a.credits_posted, a.debits_posted, a.debits_pending, a.used_posted, b.period, b.time_zone, b.limit_amount,
              case when b.period_end <= now() then 0 else b.posted end as posted, b.pending,
              case when b.period <> 'total' then budget_period_end(b.period, b.time_zone, now()) end as resets_at
         from account a left join key_budget b on b.key_id = $2
        where a.id = $1 order by b.created_at, b.period`,
      [accountId, keyId],
    );
    const [account] = rows;
    if (account === undefined) throw new Error(`Account ${accountId} is gone`);
    return {
      figures: {
        creditsPosted: BigInt(account.credits_posted),
        debitsPosted: BigInt(account.debits_posted),
        debitsPending: BigInt(account.debits_pending),
        usedPosted: BigInt(account.used_posted),
      },
      budgets: rows.flatMap((row) => (row.period === null ? [] : [toBudget(row, row.period)])),
    };
  }
}

function toBudget(row: Row, period: KeyBudget['period']): KeyBudget {
  const limit = BigInt(row.limit_amount);
  const used = BigInt(row.posted);
  const pending = BigInt(row.pending);
  const left = limit - used - pending;
  return {
    period,
    timeZone: row.time_zone,
    limit,
    used,
    pending,
    // A limit that was lowered below what is spent leaves nothing, not less.
    remaining: left > 0n ? left : 0n,
    resetsAt: row.resets_at,
  };
}
