import { HttpException } from '@nestjs/common';
import { HubError } from './hub-error.js';

const BY_STATUS: Readonly<Record<number, { code: string; message: string }>> = {
  400: { code: 'bad_request', message: 'The request could not be understood.' },
  401: { code: 'unauthorized', message: 'Authentication is required.' },
  403: { code: 'forbidden', message: 'This is not allowed.' },
  404: { code: 'not_found', message: 'There is nothing at this address.' },
  405: { code: 'method_not_allowed', message: 'This method is not allowed here.' },
  413: { code: 'request_too_large', message: 'The request body is too large.' },
  414: { code: 'uri_too_long', message: 'The request address is too long.' },
  415: { code: 'unsupported_media_type', message: 'This content type is not supported; send application/json.' },
  431: { code: 'headers_too_large', message: 'The request headers are too large.' },
};

/** The `name` of the error the database layer throws while it is away; this module stands below it and knows no more. */
const DATABASE_UNAVAILABLE = 'DatabaseUnavailableError';
const RETRY_AFTER_SECONDS = 2;

/**
 * Gives any thrown value a public face. Errors of the framework keep their status but not their text, since that may
 * name internals; a database that is away is a 503; anything unknown is a 500 that says nothing but where to look.
 */
export function toHubError(thrown: unknown): HubError {
  if (thrown instanceof HubError) return thrown;
  const status = statusOf(thrown);
  const known = BY_STATUS[status];
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && thrown.name === DATABASE_UNAVAILABLE) {
    return new HubError({
      status: 503,
      code: 'service_unavailable',
      message: 'The hub cannot reach its database at the moment. Please try again shortly.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      detail,
      cause: thrown,
    });
  }
  if (known !== undefined) return new HubError({ status, ...known, shouldRetry: false, detail, cause: thrown });
  return new HubError({
    status: 500,
    code: 'internal_error',
    message: 'The hub failed to handle this request. Please give the operator the x-request-id of this answer.',
    detail,
    cause: thrown,
  });
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // Fastify's errors carry statusCode.
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number') {
    return thrown.statusCode;
  }
  return 500;
}
