import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import { checkText } from './check-filter.js';
import { type List, type ListAnswer, type ListPage, readListPage } from './list-page.js';
import { checkRequestFilter, eventsWanted, eventWalk, idRange, type RequestFilter } from './request-walk.js';

/** Which attempts are meant. */
export interface UsageEventsFilter extends RequestFilter {
  readonly errorCode?: string;
  /** Only the attempts that requests ended with. */
  readonly isFinal?: boolean;
}

/** One attempt at an upstream. Ids are decimal strings, amounts nano-credits; null is what is not known or does not apply. */
export interface AttemptRow {
  /** 32 hex digits. */
  readonly holdId: string;
  readonly attempt: number;
  readonly isFinal: boolean;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly channelId: string | null;
  readonly model: string;
  readonly upstreamModel: string | null;
  readonly endpoint: string;
  readonly userIdentifier: string;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly isEstimated: boolean;
  readonly inputTokens: bigint | null;
  readonly cachedInputTokens: bigint | null;
  readonly cacheWriteTokens: bigint | null;
  readonly outputTokens: bigint | null;
  readonly reasoningTokens: bigint | null;
  readonly images: bigint | null;
  readonly videoMs: bigint | null;
  readonly audioMs: bigint | null;
  readonly characters: bigint | null;
  readonly searches: bigint | null;
  readonly serviceTier: string | null;
  readonly durationMs: number | null;
  readonly firstTokenMs: number | null;
  readonly upstreamStatus: number | null;
  readonly isResume: boolean | null;
  readonly priceVersionId: string | null;
  readonly purchaseVersionId: string | null;
  readonly cost: NanoCredits;
  readonly loss: NanoCredits;
  readonly purchaseCost: NanoCredits | null;
  readonly createdAt: Date;
}

type Text = string | null;
interface Row {
  id: string;
  attempt: number;
  is_final: boolean;
  account_id: string;
  key_id: Text;
  channel_id: Text;
  model: string;
  upstream_model: Text;
  endpoint: string;
  user_identifier: string;
  outcome: string;
  error_code: Text;
  estimated: boolean;
  input_tokens: Text;
  cached_input_tokens: Text;
  cache_write_tokens: Text;
  output_tokens: Text;
  reasoning_tokens: Text;
  images: Text;
  video_ms: Text;
  audio_ms: Text;
  characters: Text;
  searches: Text;
  service_tier: Text;
  duration_ms: Text;
  first_token_ms: Text;
  upstream_status: number | null;
  is_resume: boolean | null;
  price_version_id: Text;
  purchase_version_id: Text;
  cost: string;
  loss: string;
  purchase_cost: Text;
  created_at: Date;
}

const COLUMNS = `hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
  left(user_identifier, 256) as user_identifier, outcome, error_code, estimated, input_tokens, cached_input_tokens,
  cache_write_tokens, output_tokens, reasoning_tokens, images, video_ms, audio_ms, characters, searches, service_tier, duration_ms, first_token_ms,
  upstream_status,
  is_resume, price_version_id, purchase_version_id, cost, loss, purchase_cost, created_at`;
const SHOWN = `replace(e.hold_id::text, '-', '') as id, ${COLUMNS.replace('hold_id, ', '').replace('left(user_identifier, 256) as ', '')}`;

/**
 * Attempts in the order in which their requests began, and of one request in the order of attempts.
 *
 * @throws HubError 400 naming the field at fault.
 */
export async function listUsageEvents(
  session: SqlSession,
  filter: UsageEventsFilter,
  page: ListPage,
): Promise<ListAnswer<AttemptRow>> {
  checkRequestFilter(filter);
  checkText(filter.errorCode, 'errorCode');
  const list: List = {
    place: [
      { column: 'hold_id', type: 'uuid' },
      { column: 'attempt', type: 'integer' },
    ],
    range: idRange(filter),
    walk: (walk, values) => eventWalk(filter, COLUMNS, ['hold_id', 'attempt'], [], walk, values),
    wanted: (values) => [
      ...eventsWanted(filter, values),
      ...(filter.errorCode === undefined ? [] : [`e.error_code = ${values.add(filter.errorCode)}`]),
      ...(filter.isFinal === undefined ? [] : [`e.is_final = ${values.add(filter.isFinal)}::boolean`]),
    ],
    join: '',
    columns: SHOWN,
  };
  const { rows, next } = await readListPage<Row>(session, list, page);
  return { rows: rows.map(({ cursor, row }) => ({ cursor, row: toAttempt(row) })), next };
}

/**
 * The attempts of many requests in one statement, for a batch loader.
 *
 * @param holdIds 32 hex digits each; at most as many as rows of a page, a few times over.
 * @returns for each id in the same order its attempts, the first one first; none while the request goes on.
 */
export async function readAttempts(session: SqlSession, holdIds: readonly string[]): Promise<AttemptRow[][]> {
  if (holdIds.length === 0) return [];
  const rows = await session.query<Row>(
    `select ${SHOWN} from usage_event e where e.hold_id = any ($1::uuid[]) order by e.hold_id, e.attempt`,
    [holdIds],
  );
  const byHold = Map.groupBy(rows.map(toAttempt), ({ holdId }) => holdId);
  return holdIds.map((id) => byHold.get(id) ?? []);
}

function toAttempt(row: Row): AttemptRow {
  const big = (text: Text): bigint | null => (text === null ? null : BigInt(text));
  const number = (text: Text): number | null => (text === null ? null : Number(text));
  return {
    holdId: row.id,
    attempt: row.attempt,
    isFinal: row.is_final,
    accountId: row.account_id,
    keyId: row.key_id,
    channelId: row.channel_id,
    model: row.model,
    upstreamModel: row.upstream_model,
    endpoint: row.endpoint,
    userIdentifier: row.user_identifier,
    outcome: row.outcome,
    errorCode: row.error_code,
    isEstimated: row.estimated,
    inputTokens: big(row.input_tokens),
    cachedInputTokens: big(row.cached_input_tokens),
    cacheWriteTokens: big(row.cache_write_tokens),
    outputTokens: big(row.output_tokens),
    reasoningTokens: big(row.reasoning_tokens),
    images: big(row.images),
    videoMs: big(row.video_ms),
    audioMs: big(row.audio_ms),
    characters: big(row.characters),
    searches: big(row.searches),
    serviceTier: row.service_tier,
    durationMs: number(row.duration_ms),
    firstTokenMs: number(row.first_token_ms),
    upstreamStatus: row.upstream_status,
    isResume: row.is_resume,
    priceVersionId: row.price_version_id,
    purchaseVersionId: row.purchase_version_id,
    cost: BigInt(row.cost),
    loss: BigInt(row.loss),
    purchaseCost: big(row.purchase_cost),
    createdAt: row.created_at,
  };
}
