import { AMOUNT_MAX } from '../common/credits.js';
import type { NanoCredits } from '../common/money.js';
import type { BillableUsage } from '../pricing/billable-usage.js';
import { CostOutOfRangeError, costOf } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';

/**
 * What a request costs, at most what an amount can be: a cost beyond that is more than any account has, so it is refused
 * before, and after the fact charged as far as the account goes, like every overrun.
 */
export function boundedCost(price: Price, usage: BillableUsage, multiplierMillionths: bigint): NanoCredits {
  try {
    return costOf(price, usage, multiplierMillionths);
  } catch (error) {
    if (error instanceof CostOutOfRangeError) return AMOUNT_MAX;
    throw error;
  }
}
