/**
 * What one request consumed, as far as it can cost something. Counts are whole numbers from 0 to
 * `Number.MAX_SAFE_INTEGER`. Unlike the `Usage` of an upstream nothing is missing here: whoever bills has estimated it.
 */
export interface BillableUsage {
  /** All prompt tokens, cached and cache-written ones included. */
  readonly inputTokens: number;
  /** Part of `inputTokens`. */
  readonly cachedInputTokens: number;
  /** Part of `inputTokens`. */
  readonly cacheWriteTokens: number;
  /** All generated tokens, reasoning included. */
  readonly outputTokens: number;
  /** Part of `outputTokens`. */
  readonly reasoningTokens: number;
  /** Pictures delivered. */
  readonly images: number;
  /** Such as `1024x1024`. */
  readonly imageSize?: string;
  /** Such as `hd`. */
  readonly imageQuality?: string;
  /** Length of the videos delivered, in milliseconds. */
  readonly videoMs: number;
  /** Such as `720p`. */
  readonly videoResolution?: string;
  /** Undefined where it is not known: then only entries that do not ask for it match. */
  readonly hasAudio?: boolean;
  /** Length of the sound that was listened to, in milliseconds. */
  readonly audioMs: number;
  /** Of the text that was spoken, as Unicode code points. */
  readonly characters: number;
  /** Service tier in which the upstream has served; undefined, or one that the price does not have: the price itself. */
  readonly serviceTier?: string;
  /** As vendors of reranking count them. */
  readonly searches: number;
}

/** Nothing consumed, to spread over. */
export const NO_USAGE: BillableUsage = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  images: 0,
  videoMs: 0,
  audioMs: 0,
  characters: 0,
  searches: 0,
});
