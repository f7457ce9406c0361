import { HubError } from '../common/hub-error.js';

/** 400: the header is there, but is no key. */
export function invalidIdempotencyKey(): HubError {
  return new HubError({
    status: 400,
    code: 'invalid_idempotency_key',
    message: 'The header Idempotency-Key must be given once, with 1 to 255 printable ASCII characters.',
    shouldRetry: false,
  });
}

/** 409: the first request with this key has not been answered yet. */
export function idempotencyKeyInUse(): HubError {
  return new HubError({
    status: 409,
    code: 'idempotency_key_in_use',
    message: 'A request with this Idempotency-Key is still being worked on. Send the same request again in a moment.',
    retryAfterSeconds: 1,
  });
}

/** 422: the key came before with another request. */
export function idempotencyKeyReused(): HubError {
  return new HubError({
    status: 422,
    code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used for another request body. Use a new key for a new request.',
    shouldRetry: false,
  });
}
