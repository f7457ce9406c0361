import { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toProviderError } from '../openai-compatible/errors.js';
import { OPENAI_ERRORS } from '../openai-responses/responses-errors.js';

/** Codes of OpenAI, and those of Azure before it; `code` is often no more than the status as text. */
export const AZURE_ERRORS: ErrorRules = {
  codes: {
    ...OPENAI_ERRORS.codes,
    responsibleaipolicyviolation: 'content_refused',
    permissiondenied: 'credential',
    deploymentnotfound: 'model_missing',
    // The deployment is of a model for something else.
    operationnotsupported: 'model_missing',
    ratelimitreached: 'rate_limited',
  },
  texts: [
    ...(OPENAI_ERRORS.texts ?? []),
    // The operator's choice of surface or version, not the caller's.
    [/api version (?:is )?not supported|missing required query parameter: api-version/i, 'model_missing'],
    [/out of call volume quota/i, 'rate_limited'],
  ],
};

/** Limits by which a 429 may come, as headers name them. */
const LIMITS = ['requests', 'tokens'];

/** Reads an error answer. Never throws. */
export function toAzureError(failure: UpstreamFailure): ProviderError {
  const error = toProviderError(failure, AZURE_ERRORS);
  if (error.kind !== 'rate_limited' || error.retryAfterMs !== undefined) return error;
  const retryAfterMs = resetOf(failure.headers);
  if (retryAfterMs === undefined) return error;
  const { kind, message, status, code, param, cause } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs, cause });
}

/** `x-ratelimit-reset-*` of the limit that is used up: whole seconds here, where OpenAI has durations; -1 for nobody knows. */
function resetOf(headers: Readonly<Record<string, string>>): number | undefined {
  for (const limit of LIMITS) {
    const reset = headers[`x-ratelimit-reset-${limit}`];
    const isUsedUp = headers[`x-ratelimit-remaining-${limit}`] === '0';
    if (isUsedUp && reset !== undefined && /^\d{1,6}$/.test(reset)) return Number(reset) * 1_000;
  }
  return undefined;
}
