import { HubError } from '../common/hub-error.js';

/** One answer for everything that is not there, so that nobody learns which channels exist. */
export function callbackUnknown(): HubError {
  return new HubError({
    status: 404,
    code: 'not_found',
    message: 'There is nothing here that takes callbacks.',
    shouldRetry: false,
    // The body stays unread.
    headers: { connection: 'close' },
  });
}

/** Not signed with the channel's secret, or too long ago. */
export function callbackForged(): HubError {
  return new HubError({
    status: 401,
    code: 'invalid_signature',
    message: 'The signature does not match, or its time is over.',
    shouldRetry: false,
  });
}

/** Genuine, and about nothing that the hub knows. */
export function taskUnknown(): HubError {
  return new HubError({
    status: 404,
    code: 'task_not_found',
    message: 'There is no such task of this channel.',
    shouldRetry: false,
  });
}
