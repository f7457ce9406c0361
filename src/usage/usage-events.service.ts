import { Inject, Injectable } from '@nestjs/common';
import { formatCredits } from '../common/credits.js';
import { decodeCursor, encodeCursor } from '../common/keyset-cursor.js';
import { Reports, ReportTimeoutError } from '../database/reports.js';
import { readUsageEvents, type UsageEventRow } from './read-usage-events.js';
import { reportTooSlow } from './usage.errors.js';
import { readUsageEventsQuery, type UsageEventParameters } from './usage-events-query.js';

const HOLD_ID = /^[0-9a-f]{32}$/;
const ATTEMPT = /^\d{1,9}$/;

/** One attempt at answering a request, as callers see it. Counts are null where nothing was reported or counted. */
export interface UsageEventView {
  readonly requestId: string;
  readonly attempt: number;
  /** The attempt that ended the request. */
  readonly isFinal: boolean;
  readonly model: string;
  readonly endpoint: string;
  readonly keyId: string | null;
  readonly userIdentifier: string;
  readonly outcome: string;
  readonly errorCode: string | null;
  /** Counted by the hub, because the provider reported no usage. */
  readonly estimated: boolean;
  readonly inputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly outputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly images: number | null;
  readonly videoSeconds: number | null;
  /** Of sound that was listened to. */
  readonly audioSeconds: number | null;
  /** Of text that was spoken. */
  readonly characters: number | null;
  /** Of reranking. */
  readonly searches: number | null;
  /** By whose rates it was charged; null for the usual one. */
  readonly serviceTier: string | null;
  readonly durationMs: number | null;
  readonly firstTokenMs: number | null;
  /** Decimal string of credits; below zero where too much had been charged before. */
  readonly cost: string;
  readonly createdAt: string;
}

/** One page of events. */
export interface UsageEventsPageView {
  readonly items: readonly UsageEventView[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** The single requests behind an account's usage. */
@Injectable()
export class UsageEventsService {
  constructor(@Inject(Reports) private readonly reports: Reports) {}

  /**
   * One page of the events of an account, newest first.
   *
   * @param after cursor of the page before.
   * @throws HubError 400 for wrong parameters, 503 `report_too_slow`.
   */
  async page(
    accountId: string,
    parameters: UsageEventParameters,
    { after, limit }: { after: string | undefined; limit: number },
  ): Promise<UsageEventsPageView> {
    const query = readUsageEventsQuery(parameters);
    const page = { after: readPlace(after), eventsMax: limit + 1, rowsMax: this.reports.rowsMax };
    const rows = await this.reports
      .snapshot((session) => readUsageEvents(session, accountId, query, page))
      .catch((error: unknown) => {
        throw error instanceof ReportTimeoutError ? reportTooSlow(error) : error;
      });
    if (rows === undefined) throw reportTooSlow();
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(toView),
      nextCursor: last === undefined ? null : encodeCursor([last.hold_id, String(last.attempt)]),
    };
  }
}

function readPlace(after: string | undefined): { holdId: string; attempt: number } | undefined {
  if (after === undefined) return undefined;
  const [holdId = '', attempt = ''] = decodeCursor(after, [HOLD_ID, ATTEMPT]);
  return { holdId, attempt: Number(attempt) };
}

/** What an attempt that was replaced by another has consumed is not the customer's business: it costs nothing. */
function toView(row: UsageEventRow): UsageEventView {
  const count = row.is_final || row.outcome === 'late' ? toCount : () => null;
  return {
    requestId: `req_${row.hold_id}`,
    attempt: row.attempt,
    isFinal: row.is_final,
    model: row.model,
    endpoint: row.endpoint,
    keyId: row.key_id,
    userIdentifier: row.user_identifier,
    outcome: row.outcome,
    errorCode: row.error_code,
    estimated: row.estimated,
    inputTokens: count(row.input_tokens),
    cachedInputTokens: count(row.cached_input_tokens),
    cacheWriteTokens: count(row.cache_write_tokens),
    outputTokens: count(row.output_tokens),
    reasoningTokens: count(row.reasoning_tokens),
    images: count(row.images),
    videoSeconds: row.video_ms === null ? null : Number(row.video_ms) / 1000,
    audioSeconds: row.audio_ms === null ? null : Number(row.audio_ms) / 1000,
    characters: count(row.characters),
    searches: count(row.searches),
    serviceTier: row.is_final || row.outcome === 'late' ? row.service_tier : null,
    durationMs: toCount(row.duration_ms),
    firstTokenMs: toCount(row.first_token_ms),
    cost: formatCredits(BigInt(row.cost)),
    createdAt: row.created_at.toISOString(),
  };
}

function toCount(value: string | null): number | null {
  return value === null ? null : Number(value);
}
