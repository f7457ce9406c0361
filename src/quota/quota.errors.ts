import { HubError } from '../common/hub-error.js';

/** No account has this id. */
export function accountNotFound(accountId: string): HubError {
  return new HubError({ status: 404, code: 'account_not_found', message: `There is no account ${accountId}.` });
}

/** The reference was used before, for something else. */
export function grantConflict(ref: string): HubError {
  return new HubError({
    status: 409,
    code: 'grant_conflict',
    message: `The reference "${ref}" was used before with another account or amount. Use a new one.`,
  });
}
