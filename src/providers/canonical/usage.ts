/**
 * What an upstream reports to have consumed. `undefined` means "not reported" and must be estimated by whoever bills;
 * zero means the upstream said zero. Counts are non-negative safe integers: an adapter leaves out anything else.
 */
export interface Usage {
  /** All prompt tokens, cached and cache-written ones included. */
  readonly inputTokens?: number;
  /** All generated tokens, hidden reasoning included. */
  readonly outputTokens?: number;
  /** Part of `inputTokens` that was read from a prompt cache. */
  readonly cachedInputTokens?: number;
  /** Part of `inputTokens` that was written to a prompt cache. */
  readonly cacheWriteTokens?: number;
  /** Part of `outputTokens` spent on reasoning. */
  readonly reasoningTokens?: number;
  /** Pictures delivered. */
  readonly images?: number;
  /** Length of the sound that was listened to, in milliseconds. */
  readonly audioMs?: number;
  /** Searches, as vendors of reranking count them (Cohere: a query with up to 100 documents). */
  readonly searches?: number;
}
