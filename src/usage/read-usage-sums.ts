import type { SqlParameter, SqlSession } from '../database/sql.js';
import type { UsageDimension, UsageQuery } from './usage-query.js';
import { PASSED_SUMS, USAGE_GROUPS, USAGE_SUMS, type UsageSum } from './usage-sums.js';

/** The sums that a caller may see: none of channels, of purchase prices, or of what the operator lost. */
const SUMS = [
  'requests',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'images',
  'video_ms',
  'audio_ms',
  'characters',
  'searches',
  'cost',
] as const satisfies readonly UsageSum[];

/** Sums as the database gives them, as decimal strings. */
export type SumRow = Readonly<Record<(typeof SUMS)[number], string>>;

/** The values of the dimensions of one group, in the order of `groupBy`. `day` is the place in `days`, counted from 1. */
export type GroupValues = readonly string[];

/** One group of a report. */
export interface UsageGroup {
  readonly values: GroupValues;
  readonly sums: SumRow;
}

/** Groups of a report, in the order of their values, and the sums of all groups there are. */
export interface UsageSums {
  readonly groups: readonly UsageGroup[];
  readonly totals: SumRow;
}

interface Dimension {
  /** Of the rows that are grouped. */
  readonly value: string;
  /** Where a cursor gives it back. */
  readonly type: 'text' | 'bigint' | 'int';
}

/** `collate "C"`: an order that is the same on every server, so that a cursor keeps its place. */
const DIMENSIONS: Readonly<Record<Exclude<UsageDimension, 'day'>, Dimension>> = {
  model: { value: 'model collate "C"', type: 'text' },
  user_identifier: { value: 'user_identifier collate "C"', type: 'text' },
  key: { value: 'key_id', type: 'bigint' },
};

/**
 * A subquery, which runs once: the texts would be read as times for every row.
 * @param place of the parameter that has the first moments of the days.
 */
const dayDimension = (place: number): Dimension => ({
  value: `width_bucket(hour, (select $${place}::text[]::timestamptz[]))`,
  type: 'int',
});
const FIRST_FREE_PLACE = 10;

/** Which part of a report is wanted. */
export interface UsagePage {
  /** Values of the group before the first one; undefined begins at the first. */
  readonly after: GroupValues | undefined;
  readonly groupsMax: number;
  /** Most rows that may be read to make it; null means any number. */
  readonly rowsMax: number | null;
}

/**
 * Sums up the usage of an account: the hours up to the watermark of the roll-up, and the events after it. Of sums whose own
 * watermark is behind, as after an update, it takes the events in between as well. The session must see one moment of the database, or events on their way into an hour could be counted twice or not at all.
 *
 * @returns undefined when more than `rowsMax` rows would have to be read.
 */
export async function readUsageSums(
  session: SqlSession,
  accountId: string,
  query: UsageQuery,
  page: UsagePage,
): Promise<UsageSums | undefined> {
  // Before the snapshot is taken: a rebuild empties the table in a way that older snapshots would see as well.
  await session.query('lock table usage_hour in access share mode');
  const [state] = await session.query<{ watermark: string; passed: string | null }>(
    `select watermark::text, passed_watermark::text as passed from usage_rollup_state`,
  );
  const values: SqlParameter[] = [
    accountId,
    query.from,
    query.to,
    query.filter.model ?? null,
    query.filter.userIdentifier ?? null,
    query.filter.keyId ?? null,
    // A value rather than a subquery, so that the planner knows how few events are left.
    state?.watermark ?? '0',
    page.rowsMax,
    page.groupsMax,
    ...(page.after ?? []),
  ];
  // A parameter that no part of the statement uses would have no type.
  if (query.groupBy.includes('day')) values.push(query.days.map(({ start }) => start.toISOString()));
  const passed = state?.passed ?? '0';
  const isBehind = passed !== state?.watermark;
  if (isBehind) values.push(passed);
  const text = reportText(query.groupBy, page.after !== undefined, isBehind ? values.length : undefined);
  const rows = await session.query<Record<string, string | null>>(text, values);
  const [first] = rows;
  if (first === undefined) throw new Error('The report gave no totals');
  if (page.rowsMax !== null && Number(first['rows_read']) > page.rowsMax) return undefined;
  return {
    totals: sumsOf(first, 'total_'),
    groups: rows
      .filter((row) => row['requests'] !== null)
      .map((row) => ({ values: query.groupBy.map((_, at) => textOf(row, `g${at}`)), sums: sumsOf(row, '') })),
  };
}

/**
 * One statement for a page and the totals: both from the same rows, read once.
 *
 * @param passedPlace of the parameter that has the watermark of {@link PASSED_SUMS}, where that is behind.
 */
function reportText(groupBy: readonly UsageDimension[], isAfter: boolean, passedPlace: number | undefined): string {
  const daysPlace = FIRST_FREE_PLACE + (isAfter ? groupBy.length : 0);
  const dimensions = groupBy.map((name) => (name === 'day' ? dayDimension(daysPlace) : DIMENSIONS[name]));
  const names = dimensions.map((_, at) => `g${at}`);
  // Each column as it is compared: the collation of a grouped column would be taken from the table again.
  const sorted = dimensions.map(({ type }, at) => (type === 'text' ? `g${at} collate "C"` : `g${at}`));
  const place = dimensions.map(({ type }, at) => `$${FIRST_FREE_PLACE + at}::${type}`);
  return `
    with lines as (
      (select hour, key_id, model, user_identifier, ${SUMS.join(', ')}
         from usage_hour
        where account_id = $1::bigint and hour >= $2::timestamptz and hour < $3::timestamptz
          and ($4::text is null or model = $4) and ($5::text is null or user_identifier = $5)
          and ($6::bigint is null or key_id = $6) limit $8::int + 1)
      union all
      ${eventLines(
        SUMS.map((name) => USAGE_SUMS[name]),
        'tx >= $7::text::xid8',
      )}
      ${passedPlace === undefined ? '' : `union all ${passedLines(passedPlace)}`}
    ), groups as materialized (
      select ${dimensions.map(({ value }, at) => `${value} as g${at}`).join(', ')},
             count(*) as rows_read, ${SUMS.map((name) => `sum(${name}) as ${name}`).join(', ')}
        from lines group by ${names.map((_, at) => at + 1).join(', ')}
    ), totals as (
      select coalesce(sum(rows_read), 0) as rows_read,
             ${SUMS.map((name) => `coalesce(sum(${name}), 0) as total_${name}`).join(', ')}
        from groups
    ), page as (
      select * from groups ${isAfter ? `where (${sorted.join(', ')}) > (${place.join(', ')})` : ''}
       order by ${sorted.join(', ')} limit $9::int
    )
    select totals.*, ${[...names, ...SUMS].map((name) => `page.${name}::text`).join(', ')}
      from totals left join page on true
     order by ${sorted.map((name) => `page.${name}`).join(', ')}`;
}

/**
 * Lines of events that are in the hours already, but for these sums. Of events without any nothing is missing, and they must not count
 * as read: after an update that would be all events there are.
 */
function passedLines(place: number): string {
  const sums = SUMS.map((name) => (PASSED_SUMS.some((passed) => passed === name) ? USAGE_SUMS[name] : '0'));
  const hasAny = PASSED_SUMS.map((name) => `${name} is not null`).join(' or ');
  return eventLines(sums, `tx >= $${place}::text::xid8 and tx < $7::text::xid8 and (${hasAny})`);
}

/** Lines of the events of some transactions. */
function eventLines(sums: readonly string[], transactions: string): string {
  return `(select ${USAGE_GROUPS.hour}, ${USAGE_GROUPS.key_id}, ${USAGE_GROUPS.model}, ${USAGE_GROUPS.user_identifier},
              ${sums.join(', ')}
         from usage_event
        where account_id = $1::bigint and created_at >= $2::timestamptz and created_at < $3::timestamptz
          and ${transactions}
          and ($4::text is null or model = $4) and ($5::text is null or ${USAGE_GROUPS.user_identifier} = $5)
          and ($6::bigint is null or key_id = $6) limit $8::int + 1)`;
}

function sumsOf(row: Readonly<Record<string, string | null>>, prefix: string): SumRow {
  return Object.fromEntries(SUMS.map((name) => [name, textOf(row, `${prefix}${name}`)])) as SumRow;
}

function textOf(row: Readonly<Record<string, string | null>>, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new TypeError(`The report has no ${name}`);
  return value;
}
