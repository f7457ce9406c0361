import { invalidRequest } from '../common/hub-error.js';
import { parseTimeRange, type TimeRange } from '../common/time-range.js';
import { readUsageFilter, type UsageFilter } from './usage-query.js';

/** Query parameters that say which events are wanted. */
export const USAGE_EVENT_PARAMETERS = [
  'from',
  'to',
  'request_id',
  'model',
  'user_identifier',
  'key_id',
  'outcome',
  'attempts',
] as const;

/** The parameters as they came. */
export type UsageEventParameters = Readonly<Partial<Record<(typeof USAGE_EVENT_PARAMETERS)[number], string>>>;

/** Which events are wanted. */
export interface UsageEventsQuery {
  readonly range: TimeRange;
  /** 32 hex digits. */
  readonly holdId: string | undefined;
  readonly filter: UsageFilter;
  readonly outcome: string | undefined;
  /** Also attempts that neither ended the request nor cost anything. */
  readonly isEveryAttempt: boolean;
}

/** Reads which events are wanted. @throws HubError 400 naming the parameter. */
export function readUsageEventsQuery(parameters: UsageEventParameters): UsageEventsQuery {
  const { outcome, attempts = 'final', request_id: requestId } = parameters;
  const holdId = requestId === undefined ? undefined : /^req_([0-9a-f]{32})$/.exec(requestId)?.[1];
  if (requestId !== undefined && holdId === undefined) {
    throw invalidRequest('"request_id" must be an x-request-id of this hub: "req_" and 32 hex digits.', 'request_id');
  }
  if (outcome !== undefined && !/^[a-z_]{1,40}$/.test(outcome)) {
    throw invalidRequest('"outcome" must be one word such as done or overrun.', 'outcome');
  }
  if (attempts !== 'final' && attempts !== 'all') {
    throw invalidRequest('"attempts" must be final or all.', 'attempts');
  }
  return {
    range: parseTimeRange(parameters),
    holdId,
    filter: readUsageFilter(parameters),
    outcome,
    isEveryAttempt: attempts === 'all',
  };
}
