import type { NanoCredits } from '../common/money.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { StoredAnswer } from '../quota/core/ledger-store.js';
import type { UsageOutcome } from '../quota/core/usage-event.js';

/** How a request ended. */
export interface BillEnd {
  readonly outcome: Exclude<UsageOutcome, 'overrun' | 'swept' | 'late'>;
  readonly errorCode?: string;
  /** What the customer pays for: the upstream's last word, of the attempt that counts. */
  readonly usage?: Usage;
  /** What that attempt itself has consumed, where it went on with an answer of another one; otherwise `usage` says it. */
  readonly consumed?: Usage;
  /** A part of `usage` is the hub's own count. */
  readonly isEstimated?: boolean;
  /** Something reached the caller. */
  readonly isDelivered: boolean;
  /** Text of a whole answer, for the hub's own count; a stream is counted as it goes. */
  readonly text?: () => string;
  readonly firstTokenMs?: number;
  /** HTTP status of the upstream's answer to the last attempt. */
  readonly upstreamStatus?: number;
  /** Makes the answer that the Idempotency-Key replays. */
  readonly toAnswer?: (requestCost: NanoCredits) => StoredAnswer;
}
