import type { ChatRequest } from './chat.js';

/**
 * What a choice says besides `stop` to a caller of the Messages API, whose word for the end tells more; nothing to others.
 * @param isAtSequence the vendor says that the model stopped at a sequence of the caller, and not at which.
 */
export function ownFinish(
  isAtSequence: boolean,
  request: ChatRequest | undefined,
): { readonly original_finish?: object } {
  return isAtSequence && request?.original !== undefined ? { original_finish: { stop_reason: 'stop_sequence' } } : {};
}
