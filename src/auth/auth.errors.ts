import { HubError } from '../common/hub-error.js';

/** 401: no key, a malformed, unknown or expired one. The text never says which of the stored facts did not fit. */
export function invalidApiKey(message: string): HubError {
  return new HubError({
    status: 401,
    code: 'invalid_api_key',
    message,
    shouldRetry: false,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** 401: the request carries no key at all. */
export function missingApiKey(): HubError {
  return invalidApiKey(
    'No API key was given. Send it as "Authorization: Bearer sk_live_...", or to /api/relay/anthropic as "x-api-key".',
  );
}

/** 401: unknown key, or one whose form or checksum is wrong. */
export function unknownApiKey(): HubError {
  return invalidApiKey('The API key is not valid. Check it for missing characters, or create a new one.');
}

/** 401: the key's time is over. */
export function expiredApiKey(): HubError {
  return invalidApiKey('The API key has expired. Create a new one.');
}

/** 403: the key was revoked. */
export function revokedApiKey(): HubError {
  return new HubError({
    status: 403,
    code: 'key_revoked',
    message: 'The API key has been revoked. Create a new one.',
    shouldRetry: false,
  });
}

/** 403: the account may not spend at the moment. */
export function accountNotActive(): HubError {
  return new HubError({
    status: 403,
    code: 'account_not_active',
    message: 'The account of this API key is not active. Please ask the operator of this hub.',
    shouldRetry: false,
  });
}

/** 403: the key is restricted to other addresses, endpoints or models. */
export function keyNotAllowed(message: string, param?: string): HubError {
  return new HubError({ status: 403, code: 'key_not_allowed', message, param, shouldRetry: false });
}

/** 503: the key cannot be checked because the database does not answer. Never a 401: the key may be fine. */
export function keyCheckUnavailable(cause: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'service_unavailable',
    message: 'The hub cannot check API keys at the moment. Please try again shortly.',
    retryAfterSeconds: 2,
    cause,
  });
}

/** 403: a handler without a declared permission; a mistake in the hub, refused rather than opened. */
export function undeclaredPermission(): HubError {
  return new HubError({ status: 403, code: 'forbidden', message: 'This is not allowed.', shouldRetry: false });
}
