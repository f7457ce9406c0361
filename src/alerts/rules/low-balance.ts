import { creditsText } from '../credits-text.js';
import { ALERTS_PER_ROUND_MAX, type AlertRule } from './alert-rule.js';

/**
 * Open holds do not count, so that a busy account does not fall and rise with every request. An account that never had
 * anything has not fallen.
 */
const IS_LOW = `a.kind = 'customer' and a.status <> 'closed' and a.credits_posted > 0
  and a.credits_posted - a.debits_posted < coalesce(a.low_balance_alert, $1::bigint)`;

/** An account's balance fell below its threshold, or the hub's: once, until it has been above again. */
export const lowBalance: AlertRule = {
  name: 'low_balance',
  async find(session, settings) {
    // Those that are above again: the next time they fall is a new alert.
    await session.query(
      `update alert t set dedupe_key = t.dedupe_key || ':over:' || t.id
         from account a
        where t.kind = 'low_balance' and a.id = (t.details ->> 'accountId')::bigint
          and t.dedupe_key = 'low_balance:' || a.id and not (${IS_LOW})`,
      [settings.alerts.lowBalance],
    );
    const rows = await session.query<{ id: string; balance: string; threshold: string }>(
      `select a.id, a.credits_posted - a.debits_posted as balance, coalesce(a.low_balance_alert, $1::bigint) as threshold
         from account a
        where ${IS_LOW} and not exists (select from alert t where t.dedupe_key = 'low_balance:' || a.id)
        order by a.id limit ${ALERTS_PER_ROUND_MAX}`,
      [settings.alerts.lowBalance],
    );
    return rows.map(({ id, balance, threshold }) => ({
      kind: 'low_balance',
      severity: 'warning',
      subject: `account:${id}`,
      message: `Account ${id} has ${creditsText(BigInt(balance))} credits left, less than ${creditsText(BigInt(threshold))}.`,
      details: { accountId: id, balanceNanoCredits: balance, thresholdNanoCredits: threshold },
      dedupeKey: `low_balance:${id}`,
    }));
  },
};
