import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { toAnthropicError } from '../anthropic/errors.js';
import { toGeminiError } from '../gemini/gemini-errors.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';

/** Reads an error answer: Google's own, or Anthropic's, which comes through as it is. Never throws. */
export function toVertexError(failure: UpstreamFailure): ProviderError {
  return isAnthropics(failure) ? toAnthropicError(failure) : toGeminiError(failure);
}

function isAnthropics(failure: UpstreamFailure): boolean {
  try {
    return readTaskAnswer(failure)['type'] === 'error';
  } catch {
    // A list, or no JSON.
    return false;
  }
}
