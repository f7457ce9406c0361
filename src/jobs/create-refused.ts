import { reserveRefused } from '../billing/billing.errors.js';
import type { HubError } from '../common/hub-error.js';
import type { ReserveRefusal } from '../quota/core/ledger-store.js';

const REFUSALS: Readonly<Record<number, Exclude<ReserveRefusal, 'claim_taken'>>> = {
  2: 'balance_too_low',
  3: 'account_not_active',
  4: 'account_unknown',
  5: 'key_budget_too_low',
  8: 'closed_before',
};

/** What the code of a job that was not stored means to whoever wants it. @param code of `job_create`. */
export function createRefused(code: number): HubError {
  return reserveRefused(REFUSALS[code] ?? 'closed_before');
}
