import { anthropicErrorBody, anthropicStatus } from './anthropic-error.js';
import type { HubError } from './hub-error.js';

/** An error answer ready to send. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whose clients a route is for: OpenAI's, Anthropic's, or those of the hub's own API. */
export type ErrorShape = 'openai' | 'anthropic' | 'hub';

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

/** The body of an error in the shape its route promises. @param requestId `req_…`. */
export function errorBody(error: HubError, shape: ErrorShape, requestId: string): string {
  switch (shape) {
    case 'openai':
      return relayErrorBody(error);
    case 'anthropic':
      return anthropicErrorBody(error, requestId);
    case 'hub':
      return JSON.stringify({ success: false, message: error.message, code: error.code });
  }
}

/** Presents an error in the shape its route promises. @param requestId `req_…`. */
export function presentError(error: HubError, shape: ErrorShape, requestId: string): ErrorAnswer {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', ...error.headers };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  if (error.shouldRetry !== undefined) headers['x-should-retry'] = String(error.shouldRetry);
  const isAnthropic = shape === 'anthropic';
  // The name by which that vendor's clients look for it; `x-request-id` is set for all.
  if (isAnthropic) headers['request-id'] = requestId;
  return {
    status: isAnthropic ? anthropicStatus(error) : error.status,
    headers,
    body: errorBody(error, shape, requestId),
  };
}
