import { endAlert } from '../insert-alert.js';
import type { AlertRule } from './alert-rule.js';

const DEDUPE_KEY = 'partitions_low';

/** A monthly partition is missing, of this month or the two to come, or rows fell into a default partition: once until it is cured. */
export const partitionsLow: AlertRule = {
  name: 'partitions_low',
  async find(session) {
    // Up to two months from yesterday: the partition keeper has a day for the month that a new month brings into view. From today: a
    // database that was made today has none of the month before.
    const [row] = await session.query<{ missing: string[]; defaults: string[] }>(
      `select array(
                select part
                  from generate_series(date_trunc('month', now() at time zone 'UTC'),
                                       date_trunc('month', (now() - interval '1 day') at time zone 'UTC') + interval '2 months',
                                       interval '1 month') month,
                       unnest(array['hold', 'usage_event']) parent,
                       lateral (select parent || to_char(month, '_YYYY_MM') as part) p
                 where to_regclass(part) is null order by part) as missing,
              array(
                select 'hold_default' where exists (select from hold_default)
                union all
                select 'usage_event_default' where exists (select from usage_event_default)) as defaults`,
    );
    const missing = row?.missing ?? [];
    const filled = row?.defaults ?? [];
    if (missing.length + filled.length === 0) {
      await endAlert(session, DEDUPE_KEY);
      return [];
    }
    const parts = [
      missing.length > 0 ? `Partitions are missing: ${missing.join(', ')}.` : '',
      filled.length > 0 ? `Rows lie in ${filled.join(' and ')}.` : '',
    ];
    return [
      {
        kind: 'partitions_low',
        severity: 'warning',
        subject: 'database',
        message: parts.filter((part) => part !== '').join(' '),
        details: { missing, filledDefaults: filled },
        dedupeKey: DEDUPE_KEY,
      },
    ];
  },
};
