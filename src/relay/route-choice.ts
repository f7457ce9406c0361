import type { CatalogModel } from '../channels/catalog.types.js';
import type { FallbackTrigger } from '../channels/model-routing.js';
import type { PriceTable } from '../pricing/price-table.js';
import type { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from '../routing/candidate.js';
import type { PassedOver } from '../routing/plan-route.js';
import type { RequestFacts } from '../routing/request-facts.js';

/** One place in the order of a request. */
export interface PlannedCandidate {
  readonly candidate: Candidate;
  /** The model that serves there: the one that was asked for, or a fallback. */
  readonly model: CatalogModel;
  /** Of a fallback: it is asked only when what has failed so far is one of these. Undefined for the model itself. */
  readonly opensOn: readonly FallbackTrigger[] | undefined;
  /** Why it stands behind all others, and is asked all the same where nobody better is left; undefined for most. */
  readonly reserve: PassedOver['cause'] | undefined;
}

/** Who of the model's own is not asked, and why. */
export interface PassedCandidate {
  readonly candidate: Candidate;
  readonly error: ProviderError;
  /** It can never serve this request; otherwise it rests. */
  readonly isUnfit: boolean;
}

/** What a request may be served by, all of one moment. */
export interface Choice {
  /** The model that was asked for. */
  readonly model: CatalogModel;
  readonly prices: PriceTable;
  readonly facts: RequestFacts;
  /** In the order in which they are tried; each has a price. Empty when all rest. */
  readonly plan: readonly PlannedCandidate[];
  readonly passedOver: readonly PassedCandidate[];
  /** Why the model itself is not asked where it has no channel at all; it opens fallbacks like a failure. */
  readonly unserved?: ProviderError;
}
