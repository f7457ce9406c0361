import type { Provider } from '../../providers/provider.js';
import type { SourceData } from '../source/read-source.js';
import type { ImportPlan } from './import-plan.js';
import { Notes } from './notes.js';
import { planAccounts } from './plan-accounts.js';
import { planChannels } from './plan-channels.js';
import { planCodes } from './plan-codes.js';
import { planGroups } from './plan-groups.js';
import { planKeys } from './plan-keys.js';
import { planPrices } from './plan-prices.js';
import { QuotaRate } from './quota-rate.js';
import { readRatios } from './read-ratios.js';

/** What an operator may say about an import. */
export interface PlanOptions {
  /** Providers that channels can be of. */
  readonly providers: readonly Provider[];
  /** Quota of the product in a credit, as a decimal number. */
  readonly quotaPerUnit?: string;
}

/**
 * Decides what becomes of each row. Knows nothing of what the hub has already.
 *
 * @throws ImportError when it is not known what a quota is worth.
 */
export function planImport(data: SourceData, options: PlanOptions): ImportPlan {
  const notes = new Notes();
  const rate = QuotaRate.read(options.quotaPerUnit, data.options);
  const { accounts, usedBefore } = planAccounts(data, rate, notes);
  const keys = planKeys(data, accounts, rate, notes);
  const { channels, fates } = planChannels(data, options.providers, notes);
  const groups = planGroups(accounts, channels, readRatios(data.options, 'GroupRatio', notes), notes);
  const prices = planPrices(data, channels, options.providers, rate, notes);
  const codes = planCodes(data, rate, notes);
  return { groups, accounts, keys, channels, fates, prices, codes, usedBefore, ...notes };
}
