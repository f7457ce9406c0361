import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';
import { findInBandError } from '../openai-compatible/read-error-body.js';
import type { WireObject } from '../openai-compatible/wire.js';

/** Errors are `{"error": "<text>"}`, with a status or as a line of a stream. */
const RULES: ErrorRules = {
  texts: [
    [/does not support (?:chat|embed|generate)/i, 'model_missing'],
    [/does not support /i, 'unsupported_option'],
    [/^model .{1,200} not found/i, 'model_missing'],
    [/server busy|unexpectedly stopped|has terminated/i, 'overloaded'],
  ],
  statuses: { 403: 'credential' },
};

/** Reads an error answer. Never throws. */
export function toOllamaError(failure: UpstreamFailure): ProviderError {
  return toProviderError(failure, RULES);
}

/** Finds an error in an answer with status 200, or in a line of a stream; undefined when there is none. */
export function findOllamaError(value: WireObject): ProviderError | undefined {
  const error = findInBandError(value);
  return error === undefined ? undefined : toInBandError(error, RULES);
}
