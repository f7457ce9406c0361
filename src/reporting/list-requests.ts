import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import type { BoundValues } from './bound-values.js';
import { checkAmount } from './check-filter.js';
import { alongIndex, type List, type ListAnswer, type ListPage, readListPage, type Walk } from './list-page.js';
import {
  checkRequestFilter,
  EVENT_WALK_COLUMNS,
  eventsWanted,
  eventWalk,
  idRange,
  type RequestFilter,
} from './request-walk.js';

/** What has become of a request's hold. */
export const HOLD_STATES = ['open', 'settled', 'released', 'swept'] as const;
/** One of {@link HOLD_STATES}. */
export type HoldState = (typeof HOLD_STATES)[number];

/** Which requests are meant. Filters of how a request ended leave out those that go on. */
export interface RequestsFilter extends RequestFilter {
  readonly state?: HoldState;
  /** `video` are jobs. */
  readonly kind?: 'sync' | 'stream' | 'video';
  /** Bounds of the cost in nano-credits, both included; requests that go on have none. */
  readonly costMin?: NanoCredits;
  readonly costMax?: NanoCredits;
}

/** One request: its hold, and its final attempt once it has ended. Ids are decimal strings, amounts nano-credits. */
export interface RequestRow {
  /** 32 hex digits: the request id without its prefix, which is the id of the hold. */
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly model: string;
  readonly userIdentifier: string;
  readonly kind: string;
  readonly state: HoldState;
  /** What was set aside. */
  readonly held: NanoCredits;
  /** Null while it goes on. */
  readonly cost: NanoCredits | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Of the final attempt; null while the request goes on, and where nothing is known. */
  readonly endpoint: string | null;
  readonly channelId: string | null;
  readonly outcome: string | null;
  readonly errorCode: string | null;
  readonly isEstimated: boolean | null;
  readonly inputTokens: bigint | null;
  readonly outputTokens: bigint | null;
  readonly durationMs: number | null;
  readonly firstTokenMs: number | null;
}

interface Row {
  id: string;
  account_id: string;
  key_id: string | null;
  model: string;
  user_identifier: string;
  kind: string;
  state: HoldState;
  amount: string;
  settled: string | null;
  created_at: Date;
  closed_at: Date | null;
  endpoint: string | null;
  channel_id: string | null;
  outcome: string | null;
  error_code: string | null;
  estimated: boolean | null;
  input_tokens: string | null;
  output_tokens: string | null;
  duration_ms: string | null;
  first_token_ms: string | null;
}

const HOLD_COLUMNS = `replace(h.id::text, '-', '') as id, h.account_id, h.key_id, h.model, h.user_identifier, h.kind, h.state,
  h.amount, h.settled, h.created_at, h.closed_at`;
/** Of the final attempt. They come from the walk, which reads that row anyway. */
const FINAL_COLUMNS = [
  'endpoint',
  'error_code',
  'estimated',
  'input_tokens',
  'output_tokens',
  'duration_ms',
  'first_token_ms',
];
const FINAL = `e.channel_id, e.outcome, ${FINAL_COLUMNS.map((name) => `e.${name}`).join(', ')}`;

/**
 * Requests, one row each, in the order in which they began: those that have ended and those that go on.
 *
 * @param session sees one moment, or each statement one of its own: a page is stable either way.
 * @throws HubError 400 naming the field at fault.
 */
export async function listRequests(
  session: SqlSession,
  filter: RequestsFilter,
  page: ListPage,
): Promise<ListAnswer<RequestRow>> {
  checkRequestsFilter(filter);
  const list: List = {
    ...requestList(filter),
    join: JOIN_HOLD,
    columns: `${HOLD_COLUMNS}, ${FINAL}`,
  };
  const { rows, next } = await readListPage<Row>(session, list, page);
  return { rows: rows.map(({ cursor, row }) => ({ cursor, row: toRequest(row) })), next };
}

/** A hold as it is stored; amounts are nano-credits. */
export interface HoldRow {
  /** 32 hex digits. */
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly model: string;
  readonly userIdentifier: string;
  readonly kind: string;
  readonly state: HoldState;
  readonly amount: NanoCredits;
  /** Known to be used so far. */
  readonly metered: NanoCredits;
  /** Null while it is open. */
  readonly settled: NanoCredits | null;
  /** The hub that has it, and until when it is its alone. */
  readonly owner: string;
  readonly leaseUntil: Date;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

/** Holds in the order of their ids, which is that of time. Filters and pages as of requests. */
export async function listHolds(
  session: SqlSession,
  filter: RequestsFilter,
  page: ListPage,
): Promise<ListAnswer<HoldRow>> {
  checkRequestsFilter(filter);
  const list: List = {
    ...requestList(filter),
    join: JOIN_HOLD,
    columns: `${HOLD_COLUMNS}, h.metered, h.owner, h.lease_until`,
  };
  type Stored = Row & { metered: string; owner: string; lease_until: Date };
  const { rows, next } = await readListPage<Stored>(session, list, page);
  return { rows: rows.map(({ cursor, row }) => ({ cursor, row: toHold(row) })), next };
}

function checkRequestsFilter(filter: RequestsFilter): void {
  checkRequestFilter(filter);
  checkAmount(filter.costMin, 'costMin');
  checkAmount(filter.costMax, 'costMax');
}

/** One look into the primary key for each row: as a plain join it would be planned as a read of all holds when few of them fit. */
const JOIN_HOLD = 'join lateral (select * from hold o where o.id = e.hold_id limit 1) h on true';

function requestList(given: RequestsFilter): Pick<List, 'place' | 'range' | 'walk' | 'wanted'> {
  // Swept holds are few, and the events of all of them say so.
  const filter = given.state === 'swept' && given.outcome === undefined ? { ...given, outcome: 'swept' } : given;
  return {
    place: [{ column: 'hold_id', type: 'uuid' }],
    range: idRange(filter),
    walk: (walk, values) => requestWalk(filter, walk, values),
    wanted: (values) => [...eventsWanted(filter, values), ...holdsWanted(filter, values)],
  };
}

/**
 * Each closed hold has one final event (invariant I6 says that it has events), and these have the indexes; holds that are open
 * have none, and are few. So the two together are all requests, without an index on the table that every request changes.
 */
function requestWalk(filter: RequestsFilter, walk: Walk, values: BoundValues): string {
  const parts: string[] = [];
  if (filter.state !== 'open') {
    parts.push(eventWalk(filter, CLOSED_COLUMNS, ['hold_id'], ['is_final'], walk, values));
  }
  const isEnded = filter.state !== undefined && filter.state !== 'open';
  if (!isEnded && filter.outcome === undefined && filter.channelId === undefined) {
    parts.push(openWalk(filter, walk, values));
  }
  const all = parts.map((part) => `(${part})`).join(' union all ');
  const direction = walk.order === 'oldest' ? 'asc' : 'desc';
  return `select * from (${all === '' ? NO_ROWS : all}) w order by hold_id ${direction} limit ${walk.limit}`;
}

const CLOSED_COLUMNS = `${EVENT_WALK_COLUMNS}, ${FINAL_COLUMNS.join(', ')}`;
const OPEN_COLUMNS = `id as hold_id, account_id, key_id, model, null::bigint as channel_id, null::text as outcome,
  left(user_identifier, 256) as user_identifier, null::text as endpoint, null::text as error_code, null::boolean as estimated,
  null::bigint as input_tokens, null::bigint as output_tokens, null::bigint as duration_ms, null::bigint as first_token_ms`;
const NO_ROWS = `select ${OPEN_COLUMNS} from hold where false`;

function openWalk(filter: RequestsFilter, walk: Walk, values: BoundValues): string {
  const { where, orderBy } = alongIndex({ columns: [], values: [] }, ['id'], 'uuid', walk, values);
  const conditions = [`state = 'open'`, ...where];
  const is = (column: string, value: string | undefined, type: string): void => {
    if (value !== undefined) conditions.push(`${column} = ${values.add(value)}::${type}`);
  };
  is('account_id', filter.accountId, 'bigint');
  is('key_id', filter.keyId, 'bigint');
  is('model', filter.model, 'text');
  is('left(user_identifier, 256)', filter.userIdentifier, 'text');
  return `select ${OPEN_COLUMNS} from hold where ${conditions.join(' and ')} order by ${orderBy} limit ${walk.limit}`;
}

function holdsWanted({ state, kind, costMin, costMax }: RequestsFilter, values: BoundValues): string[] {
  return [
    // Open ones are walked along alone.
    ...(state === undefined || state === 'open' ? [] : [`h.state = ${values.add(state)}`]),
    ...(kind === undefined ? [] : [`h.kind = ${values.add(kind)}`]),
    ...(costMin === undefined ? [] : [`h.settled >= ${values.add(costMin)}::bigint`]),
    ...(costMax === undefined ? [] : [`h.settled <= ${values.add(costMax)}::bigint`]),
  ];
}

function toRequest(row: Row): RequestRow {
  return {
    id: row.id,
    accountId: row.account_id,
    keyId: row.key_id,
    model: row.model,
    userIdentifier: row.user_identifier,
    kind: row.kind,
    state: row.state,
    held: BigInt(row.amount),
    cost: bigintOf(row.settled),
    startedAt: row.created_at,
    endedAt: row.closed_at,
    endpoint: row.endpoint,
    channelId: row.channel_id,
    outcome: row.outcome,
    errorCode: row.error_code,
    isEstimated: row.estimated,
    inputTokens: bigintOf(row.input_tokens),
    outputTokens: bigintOf(row.output_tokens),
    durationMs: numberOf(row.duration_ms),
    firstTokenMs: numberOf(row.first_token_ms),
  };
}

function toHold(row: Row & { metered: string; owner: string; lease_until: Date }): HoldRow {
  return {
    id: row.id,
    accountId: row.account_id,
    keyId: row.key_id,
    model: row.model,
    userIdentifier: row.user_identifier,
    kind: row.kind,
    state: row.state,
    amount: BigInt(row.amount),
    metered: BigInt(row.metered),
    settled: bigintOf(row.settled),
    owner: row.owner,
    leaseUntil: row.lease_until,
    createdAt: row.created_at,
    closedAt: row.closed_at,
  };
}

function bigintOf(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
