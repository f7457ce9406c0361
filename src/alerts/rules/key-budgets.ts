import { creditsText } from '../credits-text.js';
import { ALERTS_PER_ROUND_MAX, type AlertRule } from './alert-rule.js';

/** The budget of a key is used up to 80 % or to 100 %: once each in every period of it. */
export const keyBudgets: AlertRule = {
  name: 'key_budget',
  async find(session) {
    const rows = await session.query<{
      key_id: string;
      account_id: string;
      period: string;
      percent: number;
      posted: string;
      limit_amount: string;
      dedupe_key: string;
    }>(
      `select b.key_id, k.account_id, b.period, p.percent, b.posted, b.limit_amount, p.dedupe_key
         from key_budget b join api_key k on k.id = b.key_id,
              lateral (select percent, format('key_budget:%s:%s:%s:%s', b.key_id, b.period, extract(epoch from b.period_start), percent)
                         as dedupe_key from unnest(array[80, 100]) percent) p
        where b.limit_amount > 0 and b.period_end > now() and k.revoked_at is null
          and b.posted::numeric * 100 >= b.limit_amount::numeric * p.percent
          and not exists (select from alert t where t.dedupe_key = p.dedupe_key)
        order by b.key_id, b.period, p.percent limit ${ALERTS_PER_ROUND_MAX}`,
    );
    return rows.map((row) => ({
      kind: 'key_budget',
      severity: row.percent === 100 ? 'warning' : 'info',
      subject: `key:${row.key_id}`,
      message: `API key ${row.key_id} has used ${creditsText(BigInt(row.posted))} credits, ${row.percent} % of its budget (${row.period}) of ${creditsText(BigInt(row.limit_amount))}.`,
      details: {
        keyId: row.key_id,
        accountId: row.account_id,
        period: row.period,
        percent: row.percent,
        usedNanoCredits: row.posted,
        limitNanoCredits: row.limit_amount,
      },
      dedupeKey: row.dedupe_key,
    }));
  },
};
