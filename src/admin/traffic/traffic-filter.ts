import type { RequestsFilter } from '../../reporting/list-requests.js';
import type { UsageEventsFilter } from '../../reporting/list-usage-events.js';
import type { Permission } from '../../users/permission.js';
import type { AdminContext } from '../graphql/admin-context.js';
import type { RequestsFilterInput, UsageEventsFilterInput } from './request.input.js';
import { boundAccount, checkMoment } from './traffic-scope.js';

/**
 * Which requests somebody may see of those that are wanted.
 *
 * @param permission bounds the accounts.
 * @throws HubError 403 for a filter that tells more than the fields do, 404 for the account of others, 400 for a time that is none.
 */
export function toRequestsFilter(
  context: AdminContext,
  permission: Permission,
  filter: RequestsFilterInput | null | undefined,
): RequestsFilter {
  return {
    ...toCommonFilter(context, permission, filter),
    state: filter?.state ?? undefined,
    kind: filter?.kind ?? undefined,
    costMin: filter?.costMin ?? undefined,
    costMax: filter?.costMax ?? undefined,
  };
}

/** The same for usage events. */
export function toUsageEventsFilter(
  context: AdminContext,
  filter: UsageEventsFilterInput | null | undefined,
): UsageEventsFilter {
  if (filter?.errorCode != null) context.require('costs:read');
  return {
    ...toCommonFilter(context, 'usage:read', filter),
    errorCode: filter?.errorCode ?? undefined,
    isFinal: filter?.isFinal ?? undefined,
  };
}

function toCommonFilter(
  context: AdminContext,
  permission: Permission,
  filter: RequestsFilterInput | UsageEventsFilterInput | null | undefined,
) {
  if (filter?.channelId != null) context.require('channels:read');
  return {
    accountId: boundAccount(context, permission, filter?.accountId),
    keyId: filter?.keyId ?? undefined,
    channelId: filter?.channelId ?? undefined,
    model: filter?.model ?? undefined,
    userIdentifier: filter?.userIdentifier ?? undefined,
    outcome: filter?.outcome ?? undefined,
    from: checkMoment(filter?.from, 'filter.from'),
    to: checkMoment(filter?.to, 'filter.to'),
  };
}
