/** Why a month of usage may not be dropped yet, and what is said of it to people. */
export const MONTH_REFUSALS = {
  open_holds: 'holds of it are open',
  unfinished_jobs: 'jobs of it are not over',
  kept_answers: 'answers of its requests are kept for replay',
  not_rolled_up: 'its usage is not in the sums by hour yet',
  rows_outside: 'rows of it lie in a default partition',
  sealed_before: 'it was dropped before, and rows of it are back',
  totals_differ: 'its holds, entries and usage do not come to the same: run books:audit',
  changed: 'something was booked to it meanwhile',
  locked: 'its tables were in use; the next run tries again',
  busy: 'another instance is at it',
} as const satisfies Readonly<Record<string, string>>;

/** One of the reasons. */
export type MonthRefusal = keyof typeof MONTH_REFUSALS;
