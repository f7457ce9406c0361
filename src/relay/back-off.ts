import type { ProviderError, ProviderErrorKind } from '../providers/canonical/provider-error.js';

/** Longest pause of the hub's own, before a channel that has no substitute is asked once more. */
export const BACK_OFF_MS = 250;
/** An upstream that asks for more than this is not waited for: the caller is told instead. */
export const RETRY_AFTER_MS_MAX = 2_000;

/**
 * What may be over a moment later. Not a timeout: who waited that long has waited enough. Nor an answer that is none: a page, a redirect or a
 * body without end comes again.
 */
const PASSING: ReadonlySet<ProviderErrorKind> = new Set([
  'overloaded',
  'rate_limited',
  'unreachable',
  'incomplete',
  'busy',
]);

/**
 * How long to wait before the same channel is asked once more, in milliseconds: what it asked for, or else a pause of any
 * length up to {@link BACK_OFF_MS}, so that callers who failed together do not come back together.
 *
 * @param random uniform in [0, 1).
 * @returns undefined when waiting cures nothing, or takes too long.
 */
export function backOffMs({ kind, retryAfterMs }: ProviderError, random: () => number): number | undefined {
  if (!PASSING.has(kind)) return undefined;
  const jitterMs = random() * BACK_OFF_MS;
  if (retryAfterMs === undefined) return jitterMs;
  // The jitter comes on top: until then the channel rests.
  return retryAfterMs > RETRY_AFTER_MS_MAX ? undefined : retryAfterMs + jitterMs;
}
