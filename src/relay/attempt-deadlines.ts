import type { ModelDeadlines } from '../channels/model-routing.js';
import type { Settings } from '../config/settings.js';
import type { RequestDeadlines } from '../providers/transport/upstream-client.js';

/** How long one attempt may take, in milliseconds. */
export interface AttemptDeadlines extends RequestDeadlines {
  /** Silence that is allowed once nobody else could go on with the answer. */
  readonly patientIdleMs: number;
}

/**
 * How patient an attempt is. While another candidate is left, leaving a slow one in time is worth more than what it may still
 * say; the last one has the patience of `HUB_UPSTREAM_*`, since leaving it helps nobody. What the operator says of a model
 * holds for all of its candidates.
 *
 * @param own what the model has for itself.
 * @param isStream a stream was asked for.
 * @param isLast no other candidate is left.
 */
export function attemptDeadlines(
  own: ModelDeadlines | undefined,
  { upstream, relay }: Pick<Settings, 'upstream' | 'relay'>,
  isStream: boolean,
  isLast: boolean,
): AttemptDeadlines {
  const patientIdleMs = own?.gapMs ?? upstream.idleTimeoutMs;
  const hurry = (shortMs: number, patientMs: number): number => (isLast ? patientMs : Math.min(shortMs, patientMs));
  const idleMs = own?.gapMs ?? hurry(relay.gapTimeoutMs, upstream.idleTimeoutMs);
  const common = { connectMs: own?.connectMs, idleMs, patientIdleMs, totalMs: own?.totalMs };
  if (!isStream) {
    return { ...common, headersMs: own?.wholeMs ?? hurry(relay.wholeTimeoutMs, upstream.headersTimeoutMs) };
  }
  return {
    ...common,
    headersMs: own?.firstByteMs ?? hurry(relay.firstTokenTimeoutMs, upstream.headersTimeoutMs),
    contentMs: own?.firstTokenMs ?? (isLast ? undefined : relay.firstTokenTimeoutMs),
  };
}
