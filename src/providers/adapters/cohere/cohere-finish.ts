import { ProviderError } from '../../canonical/provider-error.js';
import type { FinishReason } from '../openai-compatible/finish-reason.js';
import { isText } from '../openai-compatible/wire.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  // Of the API before this one, and of other hosts.
  ERROR_LIMIT: 'length',
  ERROR_TOXIC: 'content_filter',
};
const FAILURES: ReadonlySet<string> = new Set(['ERROR', 'TIMEOUT', 'USER_CANCEL']);

/**
 * Maps a finish reason.
 * @param said what the vendor says of a failure.
 * @returns undefined when there is none; an error when it says that the upstream failed.
 */
export function readCohereFinish(reason: unknown, said?: unknown): FinishReason | ProviderError | undefined {
  if (!isText(reason)) return undefined;
  if (FAILURES.has(reason)) {
    return new ProviderError({
      kind: 'overloaded',
      code: reason,
      message: isText(said) ? said : `The upstream broke off with finish reason ${reason}.`,
    });
  }
  // A name nobody has documented ends the answer all the same; "stop" is the one that promises least.
  return Object.hasOwn(REASONS, reason) ? REASONS[reason] : 'stop';
}
