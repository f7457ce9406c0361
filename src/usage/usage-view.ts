import { formatCredits } from '../common/credits.js';
import type { SumRow, UsageGroup } from './read-usage-sums.js';
import type { UsageQuery } from './usage-query.js';

/** Sums as callers see them. */
export interface UsageSumsView {
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly images: number;
  readonly videoSeconds: number;
  /** Of sound that was listened to. */
  readonly audioSeconds: number;
  /** Of text that was spoken. */
  readonly characters: number;
  /** Of reranking, or made by a vendor for a chat. */
  readonly searches: number;
  /** Decimal string of credits. */
  readonly cost: string;
}

/** One group as callers see it: what it was grouped by, and its sums. */
export interface UsageItemView extends UsageSumsView {
  readonly model?: string;
  readonly day?: string;
  /** Empty for requests that named no user. */
  readonly userIdentifier?: string;
  /** Null for requests without a key. */
  readonly keyId?: string | null;
}

/** Sums of the database in the words of the API. */
export function toSumsView(sums: SumRow): UsageSumsView {
  return {
    requests: Number(sums.requests),
    errors: Number(sums.errors),
    inputTokens: Number(sums.input_tokens),
    cachedInputTokens: Number(sums.cached_input_tokens),
    cacheWriteTokens: Number(sums.cache_write_tokens),
    outputTokens: Number(sums.output_tokens),
    reasoningTokens: Number(sums.reasoning_tokens),
    images: Number(sums.images),
    videoSeconds: Number(sums.video_ms) / 1000,
    audioSeconds: Number(sums.audio_ms) / 1000,
    characters: Number(sums.characters),
    searches: Number(sums.searches),
    cost: formatCredits(BigInt(sums.cost)),
  };
}

/** A group of a report in the words of the API. */
export function toItemView({ values, sums }: UsageGroup, { groupBy, days }: UsageQuery): UsageItemView {
  const dimensions: { model?: string; day?: string; userIdentifier?: string; keyId?: string | null } = {};
  for (const [at, dimension] of groupBy.entries()) {
    const value = values[at] ?? '';
    if (dimension === 'model') dimensions.model = value;
    else if (dimension === 'user_identifier') dimensions.userIdentifier = value;
    else if (dimension === 'key') dimensions.keyId = value === '0' ? null : value;
    else dimensions.day = days[Number(value) - 1]?.date ?? '';
  }
  return { ...dimensions, ...toSumsView(sums) };
}
