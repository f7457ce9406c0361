import type { CancelSignal } from '../common/cancellation.js';
import type { ProviderError } from '../providers/canonical/provider-error.js';
import { toCallerError, toDetail } from '../routing/to-caller-error.js';
import type { JobFailure } from './job-ender.js';
import type { LeaseOwner } from './lease-owner.js';

/** What every step of a job is given. */
export interface JobWork {
  readonly owner: LeaseOwner;
  /** The hub stops. */
  readonly signal: CancelSignal;
}

/**
 * What becomes of a job after a step: `again` when the next step can follow at once with the job as it is stored now, `done` when
 * its lease has been given back.
 */
export type StepEnd = 'again' | 'done';

/** The failure of a job whose upstream refused it, in words that are fit for the caller. */
export function failureOf(error: ProviderError, secrets: readonly string[]): JobFailure {
  const { code, message } = toCallerError(error, secrets);
  return { code, message, detail: toDetail(error) };
}
