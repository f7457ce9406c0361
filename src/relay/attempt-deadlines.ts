import type { ModelDeadlines } from '../channels/model-routing.js';
import type { Settings } from '../config/settings.js';
import type { RequestDeadlines } from '../providers/transport/upstream-client.js';

/** How long one attempt may take, in milliseconds. */
export interface AttemptDeadlines extends RequestDeadlines {
  /** Silence once content has come. */
  readonly gapMs: number;
  /** The same once nobody else could go on with the answer. */
  readonly patientGapMs: number;
}

/** What of an attempt decides how patient it is. */
export interface Patience {
  /** A stream was asked for. */
  readonly isStream: boolean;
  /** No other candidate is left. */
  readonly isLast: boolean;
  /** The model may think for a while before anything of it is to be seen. */
  readonly isSilentThinker: boolean;
}

/** Models that think show nothing for so many times as long as others; a longer silence than that is one. */
const THINKING_FACTOR = 6;

/**
 * How patient an attempt is. While another candidate is left, leaving a slow one in time is worth more than what it may still
 * say; the last one has the patience of `HUB_UPSTREAM_*`, since leaving it helps nobody. What the operator says of a model
 * holds for all of its candidates.
 *
 * @param own what the model has for itself.
 */
export function attemptDeadlines(
  own: ModelDeadlines | undefined,
  { upstream, relay }: Pick<Settings, 'upstream' | 'relay'>,
  { isStream, isLast, isSilentThinker }: Patience,
): AttemptDeadlines {
  const hurry = (shortMs: number, patientMs: number): number => (isLast ? patientMs : Math.min(shortMs, patientMs));
  const factor = isSilentThinker ? THINKING_FACTOR : 1;
  const patientGapMs = own?.gapMs ?? upstream.idleTimeoutMs;
  const gapMs = own?.gapMs ?? hurry(relay.gapTimeoutMs, upstream.idleTimeoutMs);
  const common = { connectMs: own?.connectMs, totalMs: own?.totalMs, gapMs, patientGapMs };
  if (!isStream) {
    const headersMs = own?.wholeMs ?? hurry(factor * relay.wholeTimeoutMs, upstream.headersTimeoutMs);
    return { ...common, headersMs, idleMs: gapMs };
  }
  const firstTokenMs = factor * relay.firstTokenTimeoutMs;
  return {
    ...common,
    headersMs: own?.firstByteMs ?? hurry(firstTokenMs, upstream.headersTimeoutMs),
    contentMs: own?.firstTokenMs ?? (isLast ? undefined : firstTokenMs),
    // Until content comes, silence is a matter of the first token.
    idleMs: upstream.idleTimeoutMs,
  };
}
