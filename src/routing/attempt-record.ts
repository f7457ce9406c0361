import { type Fault, faultOf } from '../providers/canonical/fault-of.js';
import type { ProviderErrorKind } from '../providers/canonical/provider-error.js';

/**
 * How an attempt ended; a closed list, fit for a metric. Besides the kinds of upstream failures: `client_gone` (nobody waited any
 * more), `shutdown` (the hub stopped), `insufficient_quota` (the caller's money was used up on the way), and `hub_error` (something
 * of the hub's own, such as a picture that could not be fetched).
 */
export type AttemptOutcome =
  | 'done'
  | ProviderErrorKind
  | 'client_gone'
  | 'shutdown'
  | 'insufficient_quota'
  | 'hub_error';

/** One attempt at an upstream, after its end. Holds no text of a caller or an upstream. */
export interface AttemptRecord {
  /** Counts from 1 in its request. */
  readonly number: number;
  /** Row id. */
  readonly channelId: string;
  readonly channelName: string;
  readonly provider: string;
  /** Public name; that of a fallback where one was asked. */
  readonly model: string;
  readonly upstreamModel: string;
  readonly outcome: AttemptOutcome;
  /** Whose fault the outcome is; undefined for one that succeeded. */
  readonly fault: Fault | undefined;
  /** HTTP status of the upstream's answer, as far as one came. */
  readonly status: number | undefined;
  /** Unix time. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** From its start to the first content of a stream; undefined when none came. */
  readonly firstTokenMs: number | undefined;
  /** It went on with an answer that had broken off at another candidate. */
  readonly isResume: boolean;
}

/** Whose fault an outcome is; undefined for success. */
export function faultOfOutcome(outcome: AttemptOutcome): Fault | undefined {
  switch (outcome) {
    case 'done':
      return undefined;
    case 'client_gone':
    case 'insufficient_quota':
      return 'caller';
    case 'shutdown':
    case 'hub_error':
      return 'hub';
    default:
      return faultOf(outcome);
  }
}
