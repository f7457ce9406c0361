import type { Declarer } from '../../channels/declaration.js';
import { HubError } from '../../common/hub-error.js';
import type { Permission } from '../../users/permission.js';

const DECLARED_WHERE: Readonly<Record<Declarer, string>> = {
  config: 'in the file that HUB_CONFIG names',
  environment: 'by a variable of the environment',
  sandbox: 'by the sandbox, for as long as it is switched on',
};

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

/**
 * 409: a row that somebody else declares; changed here, it would be changed back with the next start.
 * @param what with its name, such as `channel "main"`.
 */
export function declaredElsewhere(what: string, managedBy: Declarer, param = 'id'): HubError {
  return new HubError({
    status: 409,
    code: 'declared_elsewhere',
    message: `The ${what} is declared ${DECLARED_WHERE[managedBy]}. Change it there.`,
    param,
    shouldRetry: false,
  });
}

/** 409: something else has this name. @param what without its name, such as `channel`. */
export function nameTaken(what: string, name: string, param = 'name'): HubError {
  return new HubError({
    status: 409,
    code: 'name_taken',
    message: `Another ${what} is called "${name}".`,
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
