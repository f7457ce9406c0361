import { formatCredits } from '../common/credits.js';
import { exactQuota, quotaInUnits } from '../quota/quota-units.js';
import type { KeyBudget } from './key-budget.js';
import type { QuotaReport } from './quota.service.js';

/**
 * The body of `GET /api/user/quota`. Units are written digit by digit: as JavaScript numbers they would be wrong above
 * 2^53.
 */
export function quotaBody({ figures, budgets }: QuotaReport): string {
  const units = quotaInUnits(figures);
  const exact = exactQuota(figures);
  const more = JSON.stringify({
    exact: {
      total: formatCredits(exact.total),
      used: formatCredits(exact.used),
      remaining: formatCredits(exact.remaining),
      held: formatCredits(exact.held),
    },
    budget: budgets.map(toJson),
  });
  return (
    `{"success":true,"data":{"totalQuota":${units.total},"usedQuota":${units.used},"remainingQuota":${units.remaining},` +
    `"heldQuota":${units.held},${more.slice(1)}}`
  );
}

function toJson(budget: KeyBudget): Record<string, string | null> {
  return {
    period: budget.period,
    timeZone: budget.timeZone,
    limit: formatCredits(budget.limit),
    used: formatCredits(budget.used),
    pending: formatCredits(budget.pending),
    remaining: formatCredits(budget.remaining),
    resetsAt: budget.resetsAt?.toISOString() ?? null,
  };
}
