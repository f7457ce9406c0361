import type { SqlSession } from '../database/sql.js';

/** A month of UTC with partitions of its own. */
export interface UsageMonth {
  /** Its first day, `2026-11-01`. */
  readonly month: string;
  /** The lowest id of its holds, and the lowest of those after it. */
  readonly fromId: string;
  readonly untilId: string;
}

/** A partition is named after its month; only such names are ever put into a statement. */
const PARTITION = String.raw`^(hold|usage_event)_\d{4}_\d{2}$`;

/**
 * The months whose partitions are there and that have been over for so many months, the oldest first.
 *
 * @param monthsKept how long a month is kept after its end; 1 keeps the last one and the one that runs.
 * @param at the moment it is asked about.
 */
export function usageMonthsBefore(session: SqlSession, monthsKept: number, at: Date): Promise<UsageMonth[]> {
  return session.query<UsageMonth>(
    `with months as (
       select distinct to_date(right(c.relname::text, 7), 'YYYY_MM') as month
         from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('hold'::regclass, 'usage_event'::regclass) and c.relname ~ $1)
     select month::text, uuid7_floor(month::timestamp at time zone 'UTC')::text as "fromId",
            uuid7_floor((month + interval '1 month') at time zone 'UTC')::text as "untilId"
       from months
      where month + make_interval(months => 1 + $2::integer) <= $3::timestamptz at time zone 'UTC'
      order by months.month`,
    [PARTITION, monthsKept, at],
  );
}

/** The partition of a month. @param month its first day. @throws Error for anything that is no day. */
export function partitionOf(parent: 'hold' | 'usage_event', month: string): string {
  const [, year, number] = /^(\d{4})-(\d{2})-01$/.exec(month) ?? [];
  if (year === undefined) throw new Error(`${month} is not the first day of a month`);
  return `${parent}_${year}_${number}`;
}
