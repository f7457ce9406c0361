import { HubError } from '../../../common/hub-error.js';
import type { StoredLimits } from '../../../limits/limit-subject.js';

/**
 * What customers may do to the limits of their keys: set and change their own as they like, and lower what staff has set. What
 * staff has set stays staff's, also when a customer has lowered it. (The account's own limits bind all of its keys, whatever those
 * say; nobody but staff changes them.)
 *
 * @throws HubError 403 `set_by_staff` naming the limit that would be raised or lifted.
 */
export function checkLowered(before: StoredLimits, after: StoredLimits): void {
  checkOne(before.rpm, after.rpm, 'limits.requestsPerMinute');
  checkOne(before.tpm, after.tpm, 'limits.tokensPerMinute');
  checkOne(before.concurrency, after.concurrency, 'limits.concurrentRequests');
}

/** 403: only staff may change this so. */
export function setByStaff(message: string, param: string): HubError {
  return new HubError({ status: 403, code: 'set_by_staff', message, param, shouldRetry: false });
}

function checkOne(before: number | null, after: number | null, param: string): void {
  if (before === null || (after !== null && after <= before)) return;
  throw setByStaff(
    `This limit was set to ${before} by the hub's staff: you may lower it, and they may raise it.`,
    param,
  );
}
