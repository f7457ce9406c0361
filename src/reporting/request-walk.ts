import { invalidRequest } from '../common/hub-error.js';
import { USAGE_GROUPS } from '../usage/usage-sums.js';
import type { BoundValues } from './bound-values.js';
import { type CommonFilter, checkFilter, checkText } from './check-filter.js';
import type { Walk } from './list-page.js';

/** Filters of the lists of requests, holds and usage events. */
export interface RequestFilter extends CommonFilter {
  /** How the request ended, such as `done` or `failed`. */
  readonly outcome?: string;
  /** Requests that began in this span; the end is not included. */
  readonly from?: Date;
  readonly to?: Date;
}

/** Ends that so few requests come to that looking for them by the account would take longer. */
const COMMON_OUTCOMES: ReadonlySet<string> = new Set(['done', 'failed', 'client_gone']);
type FilterName = 'user' | 'outcome' | 'key' | 'account' | 'channel' | 'model';

/** @throws HubError 400 naming the field. */
export function checkRequestFilter(filter: RequestFilter): void {
  checkFilter(filter);
  checkText(filter.outcome, 'outcome');
  for (const name of ['from', 'to'] as const) {
    const time = filter[name]?.getTime() ?? 0;
    if (!Number.isFinite(time) || time < 0) throw invalidRequest(`"${name}" must be a time since 1970.`, name);
  }
}

/** Which of the filters leads: the one with the index that leaves the fewest rows to be looked at. */
function leadOf({
  userIdentifier,
  outcome,
  keyId,
  accountId,
  channelId,
  model,
}: RequestFilter): FilterName | undefined {
  // Requests without a user are no few, and not in the index.
  if (userIdentifier !== undefined && userIdentifier !== '') return 'user';
  if (outcome !== undefined && !COMMON_OUTCOMES.has(outcome)) return 'outcome';
  if (keyId !== undefined) return 'key';
  if (accountId !== undefined) return 'account';
  if (outcome !== undefined && outcome !== 'done') return 'outcome';
  if (channelId !== undefined) return 'channel';
  return model === undefined ? undefined : 'model';
}

/** A walk along usage events by the index of the filter that leads. `conditions` are met by every row of it. */
export function eventWalk(
  filter: RequestFilter,
  columns: string,
  conditions: readonly string[],
  { behind, orderBy, limit }: Walk,
  values: BoundValues,
): string {
  const lead = leadOf(filter);
  const led = lead === undefined ? [] : [LED[lead](filter, values)];
  const where = [...led, ...conditions, ...spanConditions(filter, 'hold_id', values), behind(values)];
  return `select ${columns} from usage_event where ${where.join(' and ')} order by ${orderBy} limit ${limit}`;
}

const LED: Readonly<Record<FilterName, (filter: RequestFilter, values: BoundValues) => string>> = {
  user: ({ accountId = '', userIdentifier = '' }, values) =>
    `account_id = ${values.add(accountId)}::bigint and ${USAGE_GROUPS.user_identifier} = ${values.add(userIdentifier)}
       and user_identifier <> ''`,
  outcome: ({ outcome = '' }, values) => `outcome = ${values.add(outcome)} and outcome <> 'done'`,
  key: ({ keyId = '' }, values) => `key_id = ${values.add(keyId)}::bigint`,
  account: ({ accountId = '' }, values) => `account_id = ${values.add(accountId)}::bigint`,
  channel: ({ channelId = '' }, values) => `channel_id = ${values.add(channelId)}::bigint`,
  model: ({ model = '' }, values) => `model = ${values.add(model)}`,
};

/** What rows of {@link eventWalk} have to be looked at for: all filters but the one that leads. */
export function eventsWanted(filter: RequestFilter, values: BoundValues): string[] {
  const lead = leadOf(filter);
  const wanted: string[] = [];
  const is = (name: FilterName, column: string, value: string | undefined, type: string): void => {
    if (value !== undefined && lead !== name) wanted.push(`${column} = ${values.add(value)}::${type}`);
  };
  if (lead !== 'user') {
    is('account', 'e.account_id', filter.accountId, 'bigint');
    is('user', 'e.user_identifier', filter.userIdentifier, 'text');
  }
  is('key', 'e.key_id', filter.keyId, 'bigint');
  is('channel', 'e.channel_id', filter.channelId, 'bigint');
  is('model', 'e.model', filter.model, 'text');
  is('outcome', 'e.outcome', filter.outcome, 'text');
  return wanted;
}

/** Columns that {@link eventsWanted} asks for. */
export const EVENT_WALK_COLUMNS = `hold_id, account_id, key_id, model, channel_id, outcome, ${USAGE_GROUPS.user_identifier} as user_identifier`;

/** The span as bounds of ids, which begin with the time: UUID version 7, RFC 9562. */
export function spanConditions({ from, to }: RequestFilter, column: string, values: BoundValues): string[] {
  const floor = (time: Date): string => time.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
  return [
    ...(from === undefined ? [] : [`${column} >= ${values.add(floor(from))}::uuid`]),
    ...(to === undefined ? [] : [`${column} < ${values.add(floor(to))}::uuid`]),
  ];
}
