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

/** More would leave the account than it has; money of open holds is not there to be taken. */
export function balanceTooLow(): HubError {
  return new HubError({
    status: 409,
    code: 'insufficient_balance',
    message: 'The account has less than that. Nothing was changed: a balance never goes below zero.',
  });
}

/** More than an account can ever be given, or than an amount can be. */
export function amountOverflow(): HubError {
  return new HubError({
    status: 400,
    code: 'amount_overflow',
    message: 'This is more than an account can hold (9223372036.854775807 credits in all). Nothing was changed.',
  });
}
