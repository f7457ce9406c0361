import { HubError } from '../common/hub-error.js';

/** 401: the one answer to every sign-in that fails, so that it tells nothing of who exists. */
export function invalidCredentials(): HubError {
  return new HubError({
    status: 401,
    code: 'invalid_credentials',
    message: 'The e-mail, the password or the code is wrong.',
    shouldRetry: false,
  });
}

/** 400: somebody who has signed in does not know their own password or code. */
export function wrongOwnPassword(param: string): HubError {
  return new HubError({
    status: 400,
    code: 'wrong_password',
    message: 'This is not your password, or the code is not valid (any more).',
    param,
    shouldRetry: false,
  });
}

/** 400: a code that does not count. */
export function wrongCode(): HubError {
  return new HubError({
    status: 400,
    code: 'wrong_code',
    message: 'This code is not valid. Check the time of the device that shows it, and use the code it shows now.',
    param: 'input.code',
    shouldRetry: false,
  });
}

/** 429: so many passwords are being checked that this one would wait too long. */
export function signInBusy(): HubError {
  return new HubError({
    status: 429,
    code: 'sign_in_busy',
    message: 'Too many people are signing in right now. Please try again in a second.',
    retryAfterSeconds: 1,
  });
}

/** 409: there is a second factor already. */
export function secondFactorExists(): HubError {
  return new HubError({
    status: 409,
    code: 'second_factor_exists',
    message: 'You have a second factor already. Remove it first to set up another one.',
    shouldRetry: false,
  });
}

/** 409: there is no second factor that this could work on. */
export function secondFactorMissing(message = 'There is no second factor.'): HubError {
  return new HubError({ status: 409, code: 'second_factor_missing', message, shouldRetry: false });
}

/** 409: somebody has this e-mail. */
export function emailTaken(email: string): HubError {
  return new HubError({
    status: 409,
    code: 'email_taken',
    message: `There is somebody with the e-mail ${email} already.`,
    param: 'input.email',
    shouldRetry: false,
  });
}

/** 403: only an owner changes owners and admins. */
export function ownersOnly(): HubError {
  return new HubError({
    status: 403,
    code: 'owners_only',
    message: 'Only an owner may change owners and admins, or make somebody one.',
    shouldRetry: false,
  });
}

/** 403: an admin token may not do this, whatever its permissions. */
export function sessionNeeded(what: string): HubError {
  return new HubError({
    status: 403,
    code: 'session_needed',
    message: `${what} needs somebody who has signed in with a password; an admin token is not enough.`,
    shouldRetry: false,
  });
}
