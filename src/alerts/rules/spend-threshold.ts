import { creditsText } from '../credits-text.js';
import { ALERTS_PER_ROUND_MAX, type AlertRule } from './alert-rule.js';

/** An account spent more than its threshold within one UTC day: once for each day. */
export const spendThreshold: AlertRule = {
  name: 'spend_threshold',
  async find(session) {
    // The sums by hour have everything below the watermark, and what is above it is a few seconds of usage.
    const rows = await session.query<{ id: string; day: string; threshold: string; spent: string }>(
      `with today as (
         select date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' as start_at,
                to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as day),
       watched as (
         select a.id, a.daily_spend_alert as threshold from account a, today
          where a.daily_spend_alert is not null
            and not exists (select from alert t where t.dedupe_key = format('spend_threshold:%s:%s', a.id, today.day))),
       spent as (
         select w.id, w.threshold,
                coalesce((select sum(h.cost) from usage_hour h
                           where h.account_id = w.id and h.hour >= (select start_at from today)), 0)
              + coalesce((select sum(e.cost) from usage_event e
                           where e.account_id = w.id and e.tx >= (select watermark from usage_rollup_state)
                             and e.created_at >= (select start_at from today)), 0) as spent
           from watched w)
       select s.id, t.day, s.threshold, s.spent from spent s, today t where s.spent >= s.threshold
        order by s.id limit ${ALERTS_PER_ROUND_MAX}`,
    );
    return rows.map(({ id, day, threshold, spent }) => ({
      kind: 'spend_threshold',
      severity: 'warning',
      subject: `account:${id}`,
      message: `Account ${id} has spent ${creditsText(BigInt(spent))} credits on ${day} (UTC), its threshold is ${creditsText(BigInt(threshold))}.`,
      details: { accountId: id, day, spentNanoCredits: spent, thresholdNanoCredits: threshold },
      dedupeKey: `spend_threshold:${id}:${day}`,
    }));
  },
};
