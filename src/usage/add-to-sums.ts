import type { SqlSession } from '../database/sql.js';
import { USAGE_GROUPS, USAGE_SUMS } from './usage-sums.js';

const GROUPS = Object.keys(USAGE_GROUPS);
const SUMS = Object.keys(USAGE_SUMS);
const SUMMED = SUMS.map((name) => `sum(${name})`).join(', ');
const SUMMED_EVENTS = Object.values(USAGE_SUMS)
  .map((value) => `sum(${value})`)
  .join(', ');

const SUMMED_EVENTS_NAMED = Object.entries(USAGE_SUMS)
  .map(([name, value]) => `sum(${value})::bigint as ${name}`)
  .join(', ');

/** A `usage_slice` dimension and the value that an event has in it. */
const SLICES = {
  total: `''`,
  model: 'model',
  channel: 'channel_id::text',
  route: `channel_id || ':' || model`,
  account: 'account_id::text',
  key: 'key_id::text',
  ending: `endpoint || ':' || outcome`,
} as const satisfies Readonly<Record<string, string>>;
/** Kept for each account as well; what accounts have by key, model and channel is in `usage_day`. */
const ACCOUNT_DAY_SLICES = { ending: SLICES.ending } as const;

/** Adds the events of transactions from `from` to before `until` to the sums of their hours. */
export async function addToHours(session: SqlSession, from: bigint, until: bigint): Promise<void> {
  await session.query(
    `insert into usage_hour as t (${[...GROUPS, ...SUMS].join(', ')})
     select ${Object.values(USAGE_GROUPS).join(', ')}, ${SUMMED_EVENTS}
       from usage_event where tx >= $1::text::xid8 and tx < $2::text::xid8
      group by ${GROUPS.map((_, index) => index + 1).join(', ')}
      ${onConflict('account_id, hour, key_id, model, channel_id, user_identifier')}`,
    [from, until],
  );
}

/** Adds the same events to the sums by the day and to the slices, reading them once. */
export async function addToStatistics(session: SqlSession, from: bigint, until: bigint): Promise<void> {
  await session.query(
    statisticsOf(`
       select ${Object.entries(USAGE_GROUPS)
         .map(([name, value]) => `${value} as ${name}`)
         .join(', ')}, date_trunc('day', created_at, 'UTC') as day, endpoint, outcome, ${SUMMED_EVENTS_NAMED}
         from usage_event where tx >= $1::text::xid8 and tx < $2::text::xid8
        group by ${[...GROUPS, 'day', 'endpoint', 'outcome'].map((_, index) => index + 1).join(', ')}`),
    [from, until],
  );
}

/**
 * Puts what is left of months that were dropped into the sums, of which it is all there is; an hour at the end of a month can be
 * part of the next as well. The tables must be empty.
 */
export async function addSealedHours(session: SqlSession): Promise<void> {
  const sealed = 'from sealed_hour where month in (select month from sealed_month where dropped_at is not null)';
  await session.query(
    `insert into usage_hour (${[...GROUPS, ...SUMS].join(', ')})
     select ${GROUPS.join(', ')}, ${SUMMED} ${sealed} group by ${GROUPS.join(', ')}`,
  );
  await session.query(
    statisticsOf(
      `select ${GROUPS.join(', ')}, date_trunc('day', hour, 'UTC') as day, endpoint, outcome, ${SUMS.join(', ')} ${sealed}`,
    ),
  );
}

/** The statement that adds sums by hour, endpoint and outcome to the days and slices. */
function statisticsOf(sums: string): string {
  return `with e as materialized (${sums})
     , days as (
       insert into usage_day as t (account_id, day, key_id, model, channel_id, ${SUMS.join(', ')})
       select account_id, day, key_id, model, channel_id, ${SUMMED} from e group by 1, 2, 3, 4, 5
       ${onConflict('account_id, day, key_id, model, channel_id')})
     , users as (
       insert into usage_user_day as t (account_id, day, user_identifier, ${SUMS.join(', ')})
       select account_id, day, user_identifier, ${SUMMED} from e group by 1, 2, 3
       ${onConflict('account_id, day, user_identifier')})
     insert into usage_slice as t (span, dimension, account_id, at, value, ${SUMS.join(', ')})
     select s.span, s.dimension, s.scope, s.at, s.value, ${SUMMED}
       from e cross join lateral (values ${sliceValues().join(', ')}) s (span, dimension, scope, at, value)
      group by 1, 2, 3, 4, 5
     ${onConflict('span, dimension, account_id, at, value')}`;
}

/** One tuple for each slice that an event belongs to. */
function sliceValues(): string[] {
  const tuples = (span: string, scope: string, at: string, slices: Readonly<Record<string, string>>): string[] =>
    Object.entries(slices).map(([dimension, value]) => `('${span}', '${dimension}', ${scope}, ${at}, ${value})`);
  return [
    ...tuples('hour', '0::bigint', 'hour', SLICES),
    ...tuples('day', '0', 'day', SLICES),
    ...tuples('day', 'account_id', 'day', ACCOUNT_DAY_SLICES),
  ];
}

function onConflict(columns: string): string {
  return `on conflict (${columns}) do update set ${SUMS.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;
}
