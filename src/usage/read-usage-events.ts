import type { SqlSession } from '../database/sql.js';
import type { UsageEventsQuery } from './usage-events-query.js';
import { USAGE_GROUPS } from './usage-sums.js';

const DAY_MS = 86_400_000;
/** A request gets its id when it begins and its event when it ends; no request or job lasts longer than this. */
const REQUEST_MS_MAX = 7 * DAY_MS;
/** Ids are made by the clocks of the hubs, events are dated by the database's. */
const CLOCKS_APART_MS_MAX = DAY_MS;

/** An event as the database gives it, without what is the operator's business: channel, upstream model, purchase, loss. */
export interface UsageEventRow {
  /** 32 hex digits. */
  readonly hold_id: string;
  readonly attempt: number;
  readonly is_final: boolean;
  readonly key_id: string | null;
  readonly model: string;
  readonly endpoint: string;
  readonly user_identifier: string;
  readonly outcome: string;
  readonly error_code: string | null;
  readonly estimated: boolean;
  readonly input_tokens: string | null;
  readonly cached_input_tokens: string | null;
  readonly cache_write_tokens: string | null;
  readonly output_tokens: string | null;
  readonly reasoning_tokens: string | null;
  readonly images: string | null;
  readonly video_ms: string | null;
  readonly audio_ms: string | null;
  readonly characters: string | null;
  readonly searches: string | null;
  readonly service_tier: string | null;
  readonly duration_ms: string | null;
  readonly first_token_ms: string | null;
  readonly cost: string;
  readonly created_at: Date;
}

const COLUMNS = `replace(e.hold_id::text, '-', '') as hold_id, attempt, is_final, key_id, model, endpoint,
  ${USAGE_GROUPS.user_identifier} as user_identifier, outcome, error_code, estimated, input_tokens, cached_input_tokens,
  cache_write_tokens, output_tokens, reasoning_tokens, images, video_ms, audio_ms, characters, searches, service_tier, duration_ms,
  first_token_ms, cost, created_at`;
/** What the index (account_id, hold_id) can find. */
const IN_RANGE = `e.account_id = $1::bigint and e.hold_id >= $2::uuid and e.hold_id <= $3::uuid
  and ($4::uuid is null or (e.hold_id <= $4 and (e.hold_id, e.attempt) < ($4, $5::int)))`;
const WANTED = `($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
  and ($9::text is null or model = $9) and ($10::text is null or ${USAGE_GROUPS.user_identifier} = $10)
  and ($11::bigint is null or key_id = $11) and ($12::text is null or outcome = $12)
  and ($13::boolean or is_final or cost <> 0)`;
const NEWEST_FIRST = 'order by e.hold_id desc, e.attempt desc';

/** Which part of the list is wanted. */
export interface UsageEventsPage {
  /** The event before the first one: its hold, as 32 hex digits, and its attempt. */
  readonly after: { readonly holdId: string; readonly attempt: number } | undefined;
  readonly eventsMax: number;
  /** Most rows that may be read to find them; null means any number. */
  readonly rowsMax: number | null;
}

/**
 * Events of an account, the newest request first and of one request the last attempt first.
 *
 * @returns undefined when `rowsMax` rows were read before the page was full.
 */
export async function readUsageEvents(
  session: SqlSession,
  accountId: string,
  query: UsageEventsQuery,
  page: UsageEventsPage,
): Promise<readonly UsageEventRow[] | undefined> {
  const { lowest, highest } = idRange(query);
  const bounds = [accountId, lowest, highest, page.after?.holdId ?? null, page.after?.attempt ?? null];
  const wanted = [
    page.eventsMax,
    query.range.from ?? null,
    query.range.to ?? null,
    query.filter.model ?? null,
    query.filter.userIdentifier ?? null,
    query.filter.keyId ?? null,
    query.outcome ?? null,
    query.isEveryAttempt,
  ];
  if (page.rowsMax === null) {
    // One statement without a subquery: the planner can then read the index in order and stop when the page is full.
    return await session.query<UsageEventRow>(
      `select ${COLUMNS} from usage_event e where ${IN_RANGE} and ${WANTED} ${NEWEST_FIRST} limit $6::int`,
      [...bounds, ...wanted],
    );
  }
  const range = `select * from usage_event e where ${IN_RANGE} ${NEWEST_FIRST}`;
  const rows = await session.query<UsageEventRow>(
    `select ${COLUMNS} from (${range} limit $14::int) e where ${WANTED} ${NEWEST_FIRST} limit $6::int`,
    [...bounds, ...wanted, page.rowsMax],
  );
  if (rows.length === page.eventsMax) return rows;
  const more = await session.query(`${range} offset $6::int limit 1`, [...bounds, page.rowsMax]);
  return more.length === 0 ? rows : undefined;
}

/** The ids that the wanted events can have, wide enough; they lead the index and the partitions. */
function idRange({ holdId, range }: UsageEventsQuery): { lowest: string; highest: string } {
  if (holdId !== undefined) return { lowest: holdId, highest: holdId };
  const from = range.from === undefined ? 0 : Math.max(0, range.from.getTime() - REQUEST_MS_MAX);
  return {
    lowest: timeHex(from).padEnd(32, '0'),
    highest:
      range.to === undefined ? 'f'.repeat(32) : timeHex(range.to.getTime() + CLOCKS_APART_MS_MAX).padEnd(32, 'f'),
  };
}

/** The first digits of a UUID version 7 of a moment. */
function timeHex(ms: number): string {
  return Math.floor(ms).toString(16).padStart(12, '0');
}
