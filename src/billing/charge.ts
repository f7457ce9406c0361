import type { NanoCredits } from '../common/money.js';
import type { BillableUsage } from '../pricing/billable-usage.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { EventCounts } from './event-counts.js';

/** What a request is charged, and for what. */
export interface Charge {
  /** The upstream's word, as far as it counts. */
  readonly reported: Usage | undefined;
  readonly usage: BillableUsage;
  readonly isEstimated: boolean;
  readonly counts: EventCounts;
  /** Undefined for the usual one, as it is by prices that do not have the one it was served in. */
  readonly serviceTier: string | undefined;
  readonly priceVersionId: string | undefined;
  readonly purchaseVersionId: string | undefined;
  readonly cost: NanoCredits;
  readonly purchaseCost: NanoCredits | undefined;
}
