import { invalidRequest } from '../../common/hub-error.js';
import type { Permission } from '../../users/permission.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { notFound } from '../graphql/graphql.errors.js';

/** The last millisecond of the year 9999, as far as request ids and databases go without doubt. */
const LAST_MS = Date.UTC(10_000, 0) - 1;
const REQUEST_ID = /^req_[0-9a-f]{32}$/;

/**
 * The account that a list or figure is bound to: the own one of a member, else the one that is filtered by, if any.
 *
 * @param wanted the account of the filter.
 * @throws HubError 404 when a member names another account, the same as for one that does not exist.
 */
export function boundAccount(
  context: AdminContext,
  permission: Permission,
  wanted: string | null | undefined,
): string | undefined {
  const own = context.scope(permission);
  if (own === null) return wanted ?? undefined;
  if (wanted != null && wanted !== own) throw notFound('account', wanted.slice(0, 64), 'filter.accountId');
  return own;
}

/** @throws HubError 400 naming `param` for a moment that nothing can have happened at. */
export function checkMoment(moment: Date | null | undefined, param: string): Date | undefined {
  if (moment == null) return undefined;
  const ms = moment.getTime();
  if (!(ms >= 0 && ms <= LAST_MS)) throw invalidRequest(`"${param}" must be a time from 1970 to 9999.`, param);
  return moment;
}

/** A request id as callers know it, from the id of its hold. @param holdId 32 hex digits. */
export function toRequestId(holdId: string): string {
  return `req_${holdId}`;
}

/** The id of the hold, 32 hex digits, from the request id; undefined for what is none. */
export function toHoldId(requestId: string): string | undefined {
  return REQUEST_ID.test(requestId) ? requestId.slice('req_'.length) : undefined;
}
