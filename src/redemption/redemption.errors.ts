import { HubError } from '../common/hub-error.js';

/** This account has had this code before; says nothing about whether others still could. */
export function codeAlreadyRedeemed(): HubError {
  return new HubError({
    status: 409,
    code: 'code_already_redeemed',
    message: 'Your account has redeemed this code before. Its quota was added then.',
    shouldRetry: false,
  });
}

/** The one answer to every code that cannot be redeemed, so that guessing learns nothing. */
export function codeInvalid(): HubError {
  return new HubError({
    status: 400,
    code: 'code_invalid',
    message: 'This code cannot be redeemed. Check it for typing mistakes; it may also be used up or have expired.',
    param: 'code',
    shouldRetry: false,
  });
}
