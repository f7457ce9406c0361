/** What each status is called: https://docs.anthropic.com/en/api/errors */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** A refusal in the vendor's envelope. */
export class AnthropicError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The body of an error answer, and the data of an error event. */
export function errorBodyOf(status: number, message: string, requestId: string | undefined): object {
  const error = { type: TYPES[status] ?? 'api_error', message };
  return { type: 'error', error, ...(requestId !== undefined && { request_id: requestId }) };
}

/** A request that breaks the rules of the API. */
export function invalid(message: string): AnthropicError {
  return new AnthropicError(400, message);
}
