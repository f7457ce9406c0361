import type { SqlSession } from '../database/sql.js';
import { PASSED_SUMS, USAGE_GROUPS, USAGE_SUMS, type UsageSum } from './usage-sums.js';

const GROUPS = Object.keys(USAGE_GROUPS);
/** Every sum there is. */
export const ALL_SUMS = Object.keys(USAGE_SUMS) as readonly UsageSum[];
/** Those that hubs of the version before keep as well. */
export const MAIN_SUMS: readonly UsageSum[] = ALL_SUMS.filter((name) => !isPassed(name));

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

/**
 * Adds the events of transactions from `from` to before `until` to the sums of their hours.
 *
 * @param sums which of them; the same for {@link addToStatistics}.
 */
export async function addToHours(
  session: SqlSession,
  from: bigint,
  until: bigint,
  sums: readonly UsageSum[] = ALL_SUMS,
): Promise<void> {
  await session.query(
    `insert into usage_hour as t (${[...GROUPS, ...sums].join(', ')})
     select ${Object.values(USAGE_GROUPS).join(', ')}, ${sums.map((name) => `sum(${USAGE_SUMS[name]})`).join(', ')}
       from usage_event where ${eventsOf(sums)}
      group by ${GROUPS.map((_, index) => index + 1).join(', ')}
      ${onConflict('account_id, hour, key_id, model, channel_id, user_identifier', sums)}`,
    [from, until],
  );
}

/** Adds the same events to the sums by the day and to the slices, reading them once. */
export async function addToStatistics(
  session: SqlSession,
  from: bigint,
  until: bigint,
  sums: readonly UsageSum[] = ALL_SUMS,
): Promise<void> {
  const summed = sums.map((name) => `sum(${USAGE_SUMS[name]})::bigint as ${name}`).join(', ');
  await session.query(
    statisticsOf(
      `
       select ${Object.entries(USAGE_GROUPS)
         .map(([name, value]) => `${value} as ${name}`)
         .join(', ')}, date_trunc('day', created_at, 'UTC') as day, endpoint, outcome, ${summed}
         from usage_event where ${eventsOf(sums)}
        group by ${[...GROUPS, 'day', 'endpoint', 'outcome'].map((_, index) => index + 1).join(', ')}`,
      sums,
    ),
    [from, until],
  );
}

/** Events that add something: hardly any event has one of the sums that few endpoints have. */
function eventsOf(sums: readonly UsageSum[]): string {
  const range = 'tx >= $1::text::xid8 and tx < $2::text::xid8';
  return sums.every(isPassed) ? `${range} and (${sums.map((name) => `${name} is not null`).join(' or ')})` : range;
}

function isPassed(name: UsageSum): boolean {
  return PASSED_SUMS.some((passed) => passed === name);
}

/**
 * Puts what is left of months that were dropped into the sums, of which it is all there is; an hour at the end of a month can be
 * part of the next as well. The tables must be empty.
 */
export async function addSealedHours(session: SqlSession): Promise<void> {
  const sealed = 'from sealed_hour where month in (select month from sealed_month where dropped_at is not null)';
  await session.query(
    `insert into usage_hour (${[...GROUPS, ...ALL_SUMS].join(', ')})
     select ${GROUPS.join(', ')}, ${summedOf(ALL_SUMS)} ${sealed} group by ${GROUPS.join(', ')}`,
  );
  await session.query(
    statisticsOf(
      `select ${GROUPS.join(', ')}, date_trunc('day', hour, 'UTC') as day, endpoint, outcome, ${ALL_SUMS.join(', ')} ${sealed}`,
      ALL_SUMS,
    ),
  );
}

/** The statement that adds sums by hour, endpoint and outcome to the days and slices. */
function statisticsOf(lines: string, sums: readonly UsageSum[]): string {
  const summed = summedOf(sums);
  return `with e as materialized (${lines})
     , days as (
       insert into usage_day as t (account_id, day, key_id, model, channel_id, ${sums.join(', ')})
       select account_id, day, key_id, model, channel_id, ${summed} from e group by 1, 2, 3, 4, 5
       ${onConflict('account_id, day, key_id, model, channel_id', sums)})
     , users as (
       insert into usage_user_day as t (account_id, day, user_identifier, ${sums.join(', ')})
       select account_id, day, user_identifier, ${summed} from e group by 1, 2, 3
       ${onConflict('account_id, day, user_identifier', sums)})
     insert into usage_slice as t (span, dimension, account_id, at, value, ${sums.join(', ')})
     select s.span, s.dimension, s.scope, s.at, s.value, ${summed}
       from e cross join lateral (values ${sliceValues().join(', ')}) s (span, dimension, scope, at, value)
      group by 1, 2, 3, 4, 5
     ${onConflict('span, dimension, account_id, at, value', sums)}`;
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

function summedOf(sums: readonly UsageSum[]): string {
  return sums.map((name) => `sum(${name})`).join(', ');
}

function onConflict(columns: string, sums: readonly UsageSum[]): string {
  return `on conflict (${columns}) do update set ${sums.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;
}
