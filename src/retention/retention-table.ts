import { formatCredits } from '../common/credits.js';
import { toTable } from '../common/to-table.js';
import { MONTH_REFUSALS } from './month-refusal.js';
import type { MonthReport, RetentionReport } from './retention.js';

/** A report as text for people. */
export function retentionTable({ isDryRun, months, jobs }: RetentionReport): string {
  const lines = [
    jobs === undefined
      ? 'Jobs are kept for ever (HUB_RETENTION_JOBS_DAYS is not set).'
      : `${jobs} jobs ${isDryRun ? 'would be' : 'were'} removed.`,
  ];
  if (months === undefined) lines.push('Usage is kept for ever (HUB_RETENTION_USAGE_MONTHS is not set).');
  else if (months.length === 0) lines.push('No month of usage is old enough.');
  else lines.push(toTable([HEADER, ...months.map((month) => toRow(month, isDryRun))]).trimEnd());
  return `${lines.join('\n')}\n`;
}

const HEADER = ['MONTH', 'REQUESTS', 'ATTEMPTS', 'CREDITS', ''];

function toRow({ month, refusal, totals }: MonthReport, isDryRun: boolean): string[] {
  const end = refusal === undefined ? (isDryRun ? 'would be dropped' : 'dropped') : `kept: ${MONTH_REFUSALS[refusal]}`;
  const cost = totals === undefined ? '-' : formatCredits(BigInt(totals.cost));
  return [month, totals?.requests ?? '-', totals?.attempts ?? '-', cost, end];
}
