import type { HubError } from './hub-error.js';

/** https://docs.anthropic.com/en/api/errors: what each status is called; as of 2026-11. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};
/** The vendor's own status for "try later", which its clients and those who write for them know. */
const OVERLOADED = 529;
const PAYMENT_REQUIRED = 402;
/** Refusals that no permission cures, but money. */
const MONEY_CODES: ReadonlySet<string> = new Set(['insufficient_quota', 'key_quota_exceeded']);

/** The status of an error on Anthropic's routes. */
export function anthropicStatus({ status, code }: HubError): number {
  if (MONEY_CODES.has(code)) return PAYMENT_REQUIRED;
  return status === 503 ? OVERLOADED : status;
}

/** The envelope of Anthropic's errors, of answers and of `event: error` alike. @param requestId `req_…`. */
export function anthropicErrorBody(error: HubError, requestId: string): string {
  const status = anthropicStatus(error);
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return JSON.stringify({ type: 'error', error: { type, message: error.message }, request_id: requestId });
}
