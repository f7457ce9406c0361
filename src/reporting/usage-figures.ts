import { USAGE_SUMS, type UsageSum } from '../usage/usage-sums.js';

/** What was used, exact. Amounts are nano-credits. */
export interface UsageFigures {
  /** Requests that have ended. */
  readonly requests: bigint;
  /** Attempts at upstreams, failed ones included. */
  readonly attempts: bigint;
  /** Requests that ended in anything but an answer. */
  readonly errors: bigint;
  /** Requests whose tokens the hub counted itself, because the upstream did not say. */
  readonly estimated: bigint;
  readonly inputTokens: bigint;
  readonly cachedInputTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly outputTokens: bigint;
  readonly reasoningTokens: bigint;
  readonly images: bigint;
  readonly videoMs: bigint;
  /** Milliseconds of sound that was listened to. */
  readonly audioMs: bigint;
  /** Of text that was spoken. */
  readonly characters: bigint;
  /** Of reranking, or made by a vendor for a chat. */
  readonly searches: bigint;
  /** Of all attempts together. */
  readonly durationMs: bigint;
  /** What accounts paid. */
  readonly cost: bigint;
  /** What they could not pay. */
  readonly loss: bigint;
  /** What the operator pays, as far as purchase prices are known. */
  readonly purchaseCost: bigint;
  /** Cost less purchase cost. */
  readonly margin: bigint;
}

/** What groups can be ordered by, greatest first, and its value in terms of the columns of a row of sums. */
export const USAGE_ORDERS = {
  cost: 'cost',
  requests: 'requests',
  errors: 'errors',
  tokens: 'input_tokens + output_tokens',
  loss: 'loss',
  purchaseCost: 'purchase_cost',
  margin: 'cost - purchase_cost',
} as const satisfies Readonly<Record<string, string>>;
/** One of {@link USAGE_ORDERS}. */
export type UsageOrder = keyof typeof USAGE_ORDERS;

/** Columns of sums, in the order of the roll-up tables. */
export const SUM_COLUMNS = Object.keys(USAGE_SUMS) as readonly UsageSum[];

/** A row of sums as the database gives it; null where there was nothing to sum. */
export type SumsRow = Readonly<Record<UsageSum, string | null>>;

/** Sums of the database as figures. */
export function toFigures(row: SumsRow): UsageFigures {
  const of = (name: UsageSum): bigint => BigInt(row[name] ?? 0);
  return {
    requests: of('requests'),
    attempts: of('attempts'),
    errors: of('errors'),
    estimated: of('estimated'),
    inputTokens: of('input_tokens'),
    cachedInputTokens: of('cached_input_tokens'),
    cacheWriteTokens: of('cache_write_tokens'),
    outputTokens: of('output_tokens'),
    reasoningTokens: of('reasoning_tokens'),
    images: of('images'),
    videoMs: of('video_ms'),
    audioMs: of('audio_ms'),
    characters: of('characters'),
    searches: of('searches'),
    durationMs: of('duration_ms'),
    cost: of('cost'),
    loss: of('loss'),
    purchaseCost: of('purchase_cost'),
    margin: of('cost') - of('purchase_cost'),
  };
}

/** What is left of `whole` without `parts`. */
export function lessFigures(whole: UsageFigures, parts: readonly UsageFigures[]): UsageFigures {
  const rest: Record<string, bigint> = { ...whole };
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) rest[name] = (rest[name] ?? 0n) - value;
  }
  return { ...whole, ...rest };
}
