import type { HubError } from './hub-error.js';

/** An error answer ready to send. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The OpenAI envelope of the relay routes, with `message` once more at the top, where the public API document sends its
 * readers.
 */
export function relayErrorBody(error: HubError): string {
  return JSON.stringify({
    error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code },
    message: error.message,
  });
}

/**
 * Presents an error in the shape its route promises.
 * @param isRelay the OpenAI envelope; otherwise `{"success":false,"message","code"}`.
 */
export function presentError(error: HubError, isRelay: boolean): ErrorAnswer {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', ...error.headers };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  if (error.shouldRetry !== undefined) headers['x-should-retry'] = String(error.shouldRetry);
  const body = isRelay
    ? relayErrorBody(error)
    : JSON.stringify({ success: false, message: error.message, code: error.code });
  return { status: error.status, headers, body };
}
