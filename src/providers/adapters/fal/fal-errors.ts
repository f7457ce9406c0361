import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { type CodeOfText, withCodeOfText } from '../tasks/code-of-text.js';
import { errorRow } from '../tasks/error-rows.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** For the one refusal that fal gives no code: the hub reads its text. */
const EXHAUSTED_BALANCE = 'exhausted_balance';
const TEXTS: readonly CodeOfText[] = [[/exhausted balance|top up your balance|user is locked/i, EXHAUSTED_BALANCE]];

/**
 * What fal's queue answers, https://fal.ai/docs/documentation/model-apis/errors. In answer to a question after the result, what a
 * model finds fault with is why the task failed.
 */
export const FAL_ERRORS: readonly ErrorRow[] = [
  errorRow(400, '', 'invalid_request', 'a wrong request', { call: 'submit' }),
  errorRow(401, '', 'credential', 'the key is missing or wrong'),
  errorRow(
    403,
    EXHAUSTED_BALANCE,
    'out_of_money',
    'the account is locked since its balance is used up; told by the text',
  ),
  errorRow(403, '', 'credential', 'the key may not use this application'),
  errorRow(404, '', 'model_missing', 'no such application', { call: 'submit' }),
  errorRow(422, 'content_policy_violation', 'content_refused', 'a content checker flagged the input', {
    call: 'submit',
  }),
  errorRow(422, '', 'invalid_request', 'an input is wrong; its type is the code', { call: 'submit' }),
  errorRow(429, '', 'rate_limited', 'too many requests, or too many at a time'),
  errorRow(500, '', 'overloaded', 'internal error'),
  errorRow(502, '', 'overloaded', 'bad gateway'),
  errorRow(503, '', 'overloaded', 'unavailable'),
  errorRow(504, '', 'overloaded', 'gateway timeout'),
];

/** Reads an error answer. Never throws. */
export function toFalError(failure: UpstreamFailure): ProviderError {
  return toTaskError(withCodeOfText(failure, TEXTS), FAL_ERRORS);
}
