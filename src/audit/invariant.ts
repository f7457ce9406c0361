/** A sentence about the books that holds at any moment, and the query that finds what breaks it. */
export interface Invariant {
  /** Short and stable: `I4`. */
  readonly id: string;
  /** What holds, in a few words. */
  readonly title: string;
  /** What a bad row means, for the operator who reads it. */
  readonly meaning: string;
  /** `account`: can be asked of some accounts only. `all`: only of the books as a whole. */
  readonly scope: 'account' | 'all';
  /** `minute`: cheap enough for every minute, and nightly as well. */
  readonly schedule: 'minute' | 'nightly';
  /**
   * What a bad row leads to. `freeze`: money is wrong, its account is frozen. `report`: something that is not money is wrong.
   * `report-if-lasting`: something is late, which a moment without the database explains; reported when two runs in a row see it.
   */
  readonly response: 'freeze' | 'report' | 'report-if-lasting';
  /**
   * A query that returns bad rows as `account_id` (bigint or null), `subject` and `detail` (text). It may use
   * `$1::bigint[]`, the accounts that are asked about or null, and `$2::timestamptz`, the oldest hold to look at or null.
   * Amounts in `detail` are nano-credits.
   */
  readonly sql: string;
}

/** Months whose holds and usage were dropped: `sealed_month` stands in for them. */
export const DROPPED_MONTHS = '(select distinct month from sealed_month where dropped_at is not null)';

/**
 * A query of one row, to be called `marks`, for {@link droppedMonthOf}: the lowest ids of the months from the first that was dropped
 * to the last, as text, and the months. Looking an id up among these costs a few comparisons; working out its month, far more.
 */
export const MONTH_MARKS = `
  select array_agg(uuid7_floor(m at time zone 'UTC')::text order by m) as bounds, array_agg(m::date order by m) as months
    from (select min(month)::timestamp as first, max(month) + interval '1 month' as last from sealed_month where dropped_at is not null) d,
         generate_series(d.first, d.last, interval '1 month') m`;

/** The month of an id that is text, or null for one before or after all that were dropped. Ids sort by their bytes. */
export function droppedMonthOf(ref: string): string {
  return `marks.months[nullif(width_bucket(${ref} collate "C", marks.bounds), 0)]`;
}

/** A condition that keeps only the accounts that are asked about. */
export function amongAccounts(...columns: readonly string[]): string {
  return `($1::bigint[] is null or ${columns.map((column) => `${column} = any ($1)`).join(' or ')})`;
}
