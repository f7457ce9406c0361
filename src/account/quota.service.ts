import { Inject, Injectable } from '@nestjs/common';
import { Sql } from '../database/sql.js';
import type { AccountFigures } from '../quota/quota-units.js';
import { KEY_BUDGET_COLUMNS, type KeyBudget, type KeyBudgetRow, toKeyBudget } from './key-budget.js';

/** An account's counters and the budgets of one of its keys, as of one moment. */
export interface QuotaReport {
  readonly figures: AccountFigures;
  readonly budgets: readonly KeyBudget[];
}

/** An account with one of the budgets, or with none when the key has none. */
type Row = Record<'credits_posted' | 'debits_posted' | 'debits_pending' | 'used_posted', string> &
  (KeyBudgetRow | { period: null });

/** Reads balances. */
@Injectable()
export class QuotaService {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** One statement on the primary, so all figures are of the same moment. */
  async read(accountId: string, keyId: string): Promise<QuotaReport> {
    const rows = await this.sql.query<Row>(
      `select a.credits_posted, a.debits_posted, a.debits_pending, a.used_posted, ${KEY_BUDGET_COLUMNS}
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
      budgets: rows.flatMap((row) => (row.period === null ? [] : [toKeyBudget(row)])),
    };
  }
}
