import { invalidRequest } from '../common/hub-error.js';
import { USAGE_GROUPS } from '../usage/usage-sums.js';
import type { BoundValues } from './bound-values.js';
import { type CommonFilter, checkFilter, checkText } from './check-filter.js';
import { alongIndex, type Lead, type Walk } from './list-page.js';

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

/**
 * A walk along usage events by the index of the filter that leads.
 *
 * @param place columns of the place: the id of the hold, and the attempt where all of them are listed.
 * @param conditions are met by every row of it.
 */
export function eventWalk(
  filter: RequestFilter,
  columns: string,
  place: readonly string[],
  conditions: readonly string[],
  walk: Walk,
  values: BoundValues,
): string {
  const name = leadOf(filter);
  const lead = name === undefined ? NO_LEAD : LEADS[name](filter, values);
  const { where, orderBy } = alongIndex(lead, place, 'uuid', walk, values);
  const all = [...where, ...lead.also, ...conditions, ...walk.behind(values)];
  return `select ${columns} from usage_event where ${all.join(' and ')} order by ${orderBy} limit ${walk.limit}`;
}

/**
 * `also` says what the condition of a partial index is, where planners do not see that it follows. Where they do it must be left
 * out: they would count it twice, expect next to no rows, and then read and sort all that there are.
 */
type EventLead = Lead & { readonly also: readonly string[] };
const NO_LEAD: EventLead = { columns: [], values: [], also: [] };

const LEADS: Readonly<Record<FilterName, (filter: RequestFilter, values: BoundValues) => EventLead>> = {
  user: ({ accountId = '', userIdentifier = '' }, values) => ({
    columns: ['account_id', USAGE_GROUPS.user_identifier],
    values: [`${values.add(accountId)}::bigint`, `${values.add(userIdentifier)}::text`],
    also: [`user_identifier <> ''`],
  }),
  outcome: ({ outcome = '' }, values) => ({
    columns: ['outcome'],
    values: [`${values.add(outcome)}::text`],
    also: [],
  }),
  key: ({ keyId = '' }, values) => ({
    columns: ['key_id'],
    values: [`${values.add(keyId)}::bigint`],
    also: ['key_id is not null'],
  }),
  account: ({ accountId = '' }, values) => ({
    columns: ['account_id'],
    values: [`${values.add(accountId)}::bigint`],
    also: [],
  }),
  channel: ({ channelId = '' }, values) => ({
    columns: ['channel_id'],
    values: [`${values.add(channelId)}::bigint`],
    also: ['channel_id is not null'],
  }),
  model: ({ model = '' }, values) => ({ columns: ['model'], values: [`${values.add(model)}::text`], also: [] }),
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

/** The span as bounds of ids, which begin with the time: UUID version 7, RFC 9562. As 32 hex digits. */
export function idRange({ from, to }: { readonly from?: Date; readonly to?: Date }): {
  readonly from: string | undefined;
  readonly to: string | undefined;
} {
  const floor = (time: Date): string => time.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
  return { from: from && floor(from), to: to && floor(to) };
}
