import { HubError } from '../../common/hub-error.js';
import type { Permission } from '../../users/permission.js';

/** 401: the field needs somebody who has signed in. */
export function signInNeeded(): HubError {
  return new HubError({
    status: 401,
    code: 'sign_in_needed',
    message: 'Sign in first, or send a personal admin token as "Authorization: Bearer hub_pat_...".',
    shouldRetry: false,
  });
}

/** 403: the actor's role or token does not have the permission. */
export function notPermitted(permission: Permission): HubError {
  return new HubError({
    status: 403,
    code: 'forbidden',
    message: `This needs the permission "${permission}", which you do not have.`,
    shouldRetry: false,
  });
}

/** 404: there is no such row, or it is somebody else's. */
export function notFound(what: string, id: string, param = 'id'): HubError {
  return new HubError({
    status: 404,
    code: 'not_found',
    message: `There is no ${what} ${id}.`,
    param,
    shouldRetry: false,
  });
}

/** 400: the operation is larger than operations may be. */
export function operationTooLarge(message: string): HubError {
  return new HubError({ status: 400, code: 'operation_too_large', message, shouldRetry: false });
}

/** 503: a read took longer than reads of the admin API may. */
export function reportTooSlow(cause?: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'report_too_slow',
    message: 'This took too long and was stopped. Narrow the filters or the time range.',
    shouldRetry: false,
    cause,
  });
}
