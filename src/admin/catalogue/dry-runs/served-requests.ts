import type { NanoCredits } from '../../../common/money.js';
import type { SqlSession } from '../../../database/sql.js';
import { type BillableUsage, NO_USAGE } from '../../../pricing/billable-usage.js';
import type { DryRunSpan } from './dry-run-span.js';

/** Some milliseconds of the database's time, and of the hub's. */
const BATCH = 2_000;
/** A busy day of a busy hub; a few seconds. */
const REQUESTS_MAX = 300_000;
/** Attempts count from 0. */
const BEFORE_ATTEMPTS = -1;

/** A request as its last attempt left it. */
export interface ServedRequest {
  readonly endpoint: string;
  /** null when it reached no upstream. */
  readonly channelId: string | null;
  /** It was delivered, and so charged by a price. */
  readonly isCharged: boolean;
  readonly usage: BillableUsage;
  /** null when no purchase price was known. */
  readonly purchaseCost: NanoCredits | null;
}

/** How much of the traffic was read. */
export interface ReadTraffic {
  readonly requestsRead: number;
  /** False when there were more requests than may be read: the oldest were. */
  readonly isComplete: boolean;
}

interface Row {
  hold_id: string;
  attempt: number;
  endpoint: string;
  channel_id: string | null;
  is_charged: boolean;
  input_tokens: string | null;
  cached_input_tokens: string | null;
  cache_write_tokens: string | null;
  output_tokens: string | null;
  reasoning_tokens: string | null;
  images: string | null;
  video_ms: string | null;
  audio_ms: string | null;
  characters: string | null;
  searches: string | null;
  service_tier: string | null;
  purchase_cost: string | null;
}

/**
 * Reads the requests for a model that began in a span of time, oldest first, in batches of which none takes long.
 *
 * @param session reads; each batch sees a moment of its own.
 * @param take is called with each request, in order.
 */
export async function readServedRequests(
  session: SqlSession,
  model: string,
  span: DryRunSpan,
  take: (request: ServedRequest) => void,
  requestsMax = REQUESTS_MAX,
): Promise<ReadTraffic> {
  let requestsRead = 0;
  for (let after: Row | undefined; ; ) {
    const limit = Math.min(BATCH, requestsMax - requestsRead + 1);
    const rows = await readBatch(session, model, span, after, limit);
    for (const row of rows.slice(0, requestsMax - requestsRead)) take(toRequest(row));
    requestsRead += rows.length;
    if (requestsRead > requestsMax) return { requestsRead: requestsMax, isComplete: false };
    if (rows.length < limit) return { requestsRead, isComplete: true };
    after = rows.at(-1);
  }
}

function readBatch(
  session: SqlSession,
  model: string,
  { from, to }: DryRunSpan,
  after: Row | undefined,
  limit: number,
): Promise<Row[]> {
  return session.query<Row>(
    `select hold_id, attempt, endpoint, channel_id, price_version_id is not null as is_charged, input_tokens,
            cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, images, video_ms, audio_ms, characters,
            searches, service_tier, purchase_cost
       from usage_event
      where model = $1 and hold_id >= $2::uuid and hold_id < $3::uuid and (hold_id, attempt) > ($2::uuid, $4::integer)
        and is_final and outcome <> 'late'
      order by hold_id, attempt limit $5`,
    [model, after?.hold_id ?? lowestId(from), lowestId(to), after?.attempt ?? BEFORE_ATTEMPTS, limit],
  );
}

/** The lowest id of a moment: ids begin with the time (UUID version 7, RFC 9562). */
function lowestId(time: Date): string {
  return time.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
}

function toRequest(row: Row): ServedRequest {
  return {
    endpoint: row.endpoint,
    channelId: row.channel_id,
    isCharged: row.is_charged,
    usage: {
      ...NO_USAGE,
      inputTokens: Number(row.input_tokens ?? 0),
      cachedInputTokens: Number(row.cached_input_tokens ?? 0),
      cacheWriteTokens: Number(row.cache_write_tokens ?? 0),
      outputTokens: Number(row.output_tokens ?? 0),
      reasoningTokens: Number(row.reasoning_tokens ?? 0),
      images: Number(row.images ?? 0),
      videoMs: Number(row.video_ms ?? 0),
      audioMs: Number(row.audio_ms ?? 0),
      characters: Number(row.characters ?? 0),
      searches: Number(row.searches ?? 0),
      serviceTier: row.service_tier ?? undefined,
    },
    purchaseCost: row.purchase_cost === null ? null : BigInt(row.purchase_cost),
  };
}
