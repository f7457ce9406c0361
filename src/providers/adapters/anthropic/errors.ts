import { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toProviderError } from '../openai-compatible/errors.js';

/** https://docs.anthropic.com/en/api/errors, and texts that users report; as of 2026-11. */
export const ERROR_RULES: ErrorRules = {
  codes: {
    authentication_error: 'credential',
    billing_error: 'out_of_money',
    permission_error: 'credential',
    not_found_error: 'model_missing',
    request_too_large: 'invalid_request',
    rate_limit_error: 'rate_limited',
    api_error: 'overloaded',
    timeout_error: 'overloaded',
    overloaded_error: 'overloaded',
    // Two requests that stand in each other's way; nothing is wrong with either.
    'conflict*': 'overloaded',
  },
  // All of these come as a 400 `invalid_request_error`.
  texts: [
    [/credit balance is too low|reached your specified (?:api|workspace api) usage limits/i, 'out_of_money'],
    [/organi[sz]ation has been disabled/i, 'credential'],
    [/prompt is too long|exceeds? (?:the )?context (?:limit|window)/i, 'context_length'],
    [/content filtering policy/i, 'content_refused'],
    [
      /^(?:thinking|tool_choice|output_config|"?`?(?:temperature|top_p|top_k|thinking)).*\b(?:not supported|does not support|deprecated|may not be|may only be|cannot both)|not supported for this model/i,
      'unsupported_option',
    ],
  ],
  statuses: { 409: 'overloaded' },
};

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** Reads an error answer. Where it does not say how long to wait, the limit that is used up does. */
export function toAnthropicError(failure: UpstreamFailure): ProviderError {
  const error = toProviderError(failure, ERROR_RULES);
  if (error.kind !== 'rate_limited' || error.retryAfterMs !== undefined) return error;
  const retryAfterMs = untilReset(failure.headers);
  if (retryAfterMs === undefined) return error;
  const { kind, message, status, code, param } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs });
}

/** Until the limit that is used up begins anew, by the answer's own clock. Its times are RFC 3339, unlike others'. */
function untilReset(headers: Readonly<Record<string, string>>): number | undefined {
  const now = Date.parse(headers['date'] ?? '');
  const waits = LIMITS.filter((limit) => headers[`anthropic-ratelimit-${limit}-remaining`] === '0').map(
    (limit) => Date.parse(headers[`anthropic-ratelimit-${limit}-reset`] ?? '') - now,
  );
  const wait = Math.max(...waits);
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
