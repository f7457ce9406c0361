import { setImmediate as turn } from 'node:timers/promises';
import type { Sql } from '../database/sql.js';
import { EVENTS_PER_STEP } from '../usage/roll-up-usage.js';
import { USAGE_GROUPS, USAGE_SUMS } from '../usage/usage-sums.js';
import type { UsageMonth } from './usage-months.js';

/**
 * Sums up the usage of a month by the hour, into `sealed_hour`, in steps of some thousand events: with their indexes these rows take
 * far longer to write than to count, and the embedded database does nothing else during a step. What an earlier run has left goes
 * first; a month that was dropped is left alone.
 */
export async function writeSealedHours(sql: Sql, { month, fromId, untilId }: UsageMonth): Promise<void> {
  await sql.query(
    `delete from sealed_hour h where h.month = $1::date
        and not exists (select from sealed_month m where m.month = h.month and m.dropped_at is not null)`,
    [month],
  );
  for (let from = fromId; from < untilId; ) {
    const [next] = await sql.query<{ id: string }>(
      `select hold_id::text as id from usage_event where hold_id >= $1::uuid and hold_id < $2::uuid
        order by hold_id offset $3::integer limit 1`,
      [from, untilId, EVENTS_PER_STEP],
    );
    // All events of a hold go together; one has a few. Of one with more than a step the next begins behind it.
    const until = next === undefined ? untilId : next.id > from ? next.id : afterId(next.id);
    await sql.query(ADD_HOURS, [month, from, until]);
    from = until;
    await turn();
  }
}

/** The next id, as text. */
function afterId(id: string): string {
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const GROUPS = Object.entries({ ...USAGE_GROUPS, endpoint: 'endpoint', outcome: 'outcome' });
const SUMS = Object.entries(USAGE_SUMS);
const ADD_HOURS = `
  insert into sealed_hour as h (month, ${[...GROUPS, ...SUMS].map(([name]) => name).join(', ')})
  select $1::date, ${[...GROUPS.map(([, value]) => value), ...SUMS.map(([, value]) => `sum(${value})`)].join(', ')}
    from usage_event where hold_id >= $2::uuid and hold_id < $3::uuid
   group by ${GROUPS.map((_, index) => index + 2).join(', ')}
      on conflict (month, account_id, hour, key_id, model, channel_id, user_identifier, endpoint, outcome)
      do update set ${SUMS.map(([name]) => `${name} = h.${name} + excluded.${name}`).join(', ')}`;
