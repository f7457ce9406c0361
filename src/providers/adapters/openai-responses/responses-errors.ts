import { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { type ErrorRules, UNVERIFIED } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';

/** What the codes of OpenAI mean, those of a response that failed among them. */
export const OPENAI_ERRORS: ErrorRules = {
  codes: {
    request_forbidden: 'credential',
    unsupported_country_region_territory: 'credential',
    data_residency_mismatch: 'credential',
    // The prompt was flagged, whatever the name says.
    invalid_prompt: 'content_refused',
    bio_policy: 'content_refused',
    misalignment_policy_violation: 'content_refused',
    image_content_policy_violation: 'content_refused',
    invalid_image: 'invalid_request',
    'invalid_image_*': 'invalid_request',
    invalid_base64_image: 'invalid_request',
    image_too_large: 'invalid_request',
    image_too_small: 'invalid_request',
    image_parse_error: 'invalid_request',
    image_file_too_large: 'invalid_request',
    image_file_not_found: 'invalid_request',
    unsupported_image_media_type: 'invalid_request',
    empty_image_file: 'invalid_request',
    failed_to_download_image: 'invalid_request',
    vector_store_timeout: 'overloaded',
    // Reasoning of another organisation or model: the channel that made it can read it.
    invalid_encrypted_content: 'unsupported_option',
  },
  texts: [UNVERIFIED],
  hasResetDurations: true,
};

/** Fields of /responses that a caller of chat/completions knows under another name. */
const NAMES: Readonly<Record<string, string>> = {
  max_output_tokens: 'max_completion_tokens',
  'reasoning.effort': 'reasoning_effort',
  'text.format': 'response_format',
  'text.verbosity': 'verbosity',
  input: 'messages',
};

/** Reads an error answer; a field it complains about gets the caller's name for it. */
export function toResponsesError(failure: UpstreamFailure): ProviderError {
  return inTheCallersWords(toProviderError(failure, OPENAI_ERRORS));
}

/** Reads the error of an answer with status 200: of a response that failed, or of an `error` event in either of its shapes. */
export function toFailedError(error: unknown): ProviderError {
  return inTheCallersWords(toInBandError(readErrorBody(error), OPENAI_ERRORS));
}

function inTheCallersWords(error: ProviderError): ProviderError {
  const { param } = error;
  if (param === undefined || !Object.hasOwn(NAMES, param)) return error;
  const { kind, message, status, code, retryAfterMs, cause } = error;
  return new ProviderError({ kind, message, status, code, retryAfterMs, cause, param: NAMES[param] });
}
