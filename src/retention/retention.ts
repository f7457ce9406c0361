import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import { dropMonth } from './drop-month.js';
import { examineMonth, type MonthTotals } from './examine-month.js';
import type { MonthRefusal } from './month-refusal.js';
import { countRemovableJobs, removeJobs } from './remove-jobs.js';
import { MONTH_MS_MAX, sealMonth } from './seal-month.js';
import { type UsageMonth, usageMonthsBefore } from './usage-months.js';

/** What became of a month that has been over long enough. */
export interface MonthReport {
  /** `2026-11`. */
  readonly month: string;
  /** Why it stays; undefined when it was dropped, or in a dry run would be. */
  readonly refusal?: MonthRefusal;
  readonly totals?: MonthTotals;
}

/** What a run did, or in a dry run would do. */
export interface RetentionReport {
  readonly isDryRun: boolean;
  /** The oldest first; undefined when usage is kept for ever. */
  readonly months: readonly MonthReport[] | undefined;
  /** Jobs that were removed; undefined when they are kept for ever. */
  readonly jobs: number | undefined;
}

/**
 * Removes what the settings say is old enough. Safe to run at any time, by several at once, and again after a crash at any point.
 *
 * @param at the moment ages are counted to.
 * @param options.isDryRun changes nothing.
 */
export async function runRetention(
  sql: Sql,
  settings: Settings['retention'],
  at: Date,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<RetentionReport> {
  const { jobsDays, usageMonths } = settings;
  const remove = isDryRun ? countRemovableJobs : removeJobs;
  const jobs = jobsDays === undefined ? undefined : await remove(sql, jobsDays, at);
  if (usageMonths === undefined) return { isDryRun, months: undefined, jobs };
  const months: MonthReport[] = [];
  for (const month of await usageMonthsBefore(sql, usageMonths, at)) {
    months.push({ month: month.month.slice(0, 7), ...(await (isDryRun ? look(sql, month) : takeAway(sql, month))) });
  }
  return { isDryRun, months, jobs };
}

type MonthEnd = Omit<MonthReport, 'month'>;

async function look(sql: Sql, month: UsageMonth): Promise<MonthEnd> {
  return toEnd(await sql.snapshot((session) => examineMonth(session, month), { timeoutMs: MONTH_MS_MAX }));
}

async function takeAway(sql: Sql, month: UsageMonth): Promise<MonthEnd> {
  const found = await sealMonth(sql, month);
  if (found.refusal !== undefined) return toEnd(found);
  const refusal = await dropMonth(sql, month, found.horizon);
  return refusal === undefined ? toEnd(found) : { refusal };
}

function toEnd(found: Awaited<ReturnType<typeof examineMonth>>): MonthEnd {
  return found.refusal === undefined ? { totals: found.totals } : { refusal: found.refusal };
}
