import type { ProviderError } from '../providers/canonical/provider-error.js';

/** Why a candidate is not to be asked, for how long, and whether that is our own guess. */
export interface Rest {
  /**
   * `told`: the upstream said so (credential, money, Retry-After). `ejected`: the circuit breaker is open. `probing`: it is half open,
   * and somebody else's request is the probe. `throttled`: most of what is sent there is refused. `full`: its own limit of requests at
   * a time is reached.
   */
  readonly cause: 'told' | 'ejected' | 'probing' | 'throttled' | 'full';
  /** What the caller is told when nobody else can serve it; `retryAfterMs` is what is left of the rest. */
  readonly error: ProviderError;
}

/** How a candidate is doing at one moment, as the router needs it. */
export interface CandidateState {
  /** Undefined when it may be asked. */
  readonly rest: Rest | undefined;
  /** Its last attempts succeeded, or there were none: a retry there is not one more blow to something that is down. */
  readonly isSound: boolean;
  /** Half open: the next request is the probe. */
  readonly isHalfOpen: boolean;
  /** Requests under way there. */
  readonly inFlight: number;
  /** Peak-sensitive moving average of the time to the first token, in milliseconds; undefined when nothing is known. */
  readonly firstTokenMs: number | undefined;
  /** Part of the attempts of the last while that failed for a reason of the provider's, from 0 to 1. */
  readonly failureRate: number;
}
