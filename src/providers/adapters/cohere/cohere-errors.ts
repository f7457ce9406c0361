import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import { isObject, isText } from '../openai-compatible/wire.js';

/** https://docs.cohere.com/reference/errors: there are no codes, only statuses and texts. */
export const COHERE_ERRORS: ErrorRules = {
  texts: [
    // Of the caller's cap, although it begins like a prompt that is too long.
    [/max tokens must be/i, 'invalid_request'],
    // No waiting cures it before the month is over.
    [/trial key.{0,80}calls \/ month/i, 'out_of_money'],
    [/is not a valid field/i, 'unsupported_option'],
    [/model .{1,80} is not supported by/i, 'model_missing'],
  ],
  statuses: { 403: 'credential', 498: 'credential' },
};

/** Reads an error answer. Never throws. */
export function toCohereError(failure: UpstreamFailure): ProviderError {
  return toProviderError(failure, COHERE_ERRORS);
}

/**
 * Finds an error in an answer with status 200, or in an event of a stream: `{message}` that is a text.
 * @returns undefined when there is none.
 */
export function findCohereError(value: unknown): ProviderError | undefined {
  if (!isObject(value) || !isText(value['message'])) return undefined;
  return toInBandError(readErrorBody(value), COHERE_ERRORS);
}
