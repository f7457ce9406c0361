import type { ErrorRow } from '../../canonical/error-row.js';
import { codesOfRows, type ErrorRules } from '../openai-compatible/error-rules.js';
import { errorRow } from '../tasks/error-rows.js';

/**
 * Zhipu's error table, https://docs.bigmodel.cn/cn/api/api-code. The code decides, not the status: what is wrong with an account comes
 * with 429 as well.
 */
export const ZHIPU_ERRORS: readonly ErrorRow[] = [
  errorRow(401, '1000', 'credential', 'authentication failed'),
  errorRow(401, '1001', 'credential', 'no Authorization header'),
  errorRow(401, '1002', 'credential', 'the token is malformed'),
  errorRow(401, '1003', 'credential', 'the token has expired'),
  errorRow(401, '1004', 'credential', 'the token was not accepted'),
  errorRow(429, '1110', 'credential', 'the account is not active'),
  errorRow(429, '1111', 'credential', 'there is no such account'),
  errorRow(429, '1112', 'credential', 'the account is locked'),
  errorRow(429, '1113', 'out_of_money', 'the account is in arrears'),
  errorRow(429, '1120', 'overloaded', 'the account service failed'),
  errorRow(429, '1121', 'credential', 'the account is locked for violations'),
  errorRow(400, '1210', 'invalid_request', 'bad parameters', { call: 'submit' }),
  errorRow(400, '1211', 'model_missing', 'no such model'),
  errorRow(400, '1212', 'model_missing', 'the model cannot be called like this'),
  errorRow(400, '1213', 'invalid_request', 'a parameter is missing', { call: 'submit' }),
  errorRow(400, '1214', 'invalid_request', 'a parameter is invalid', { call: 'submit' }),
  errorRow(400, '1215', 'invalid_request', 'parameters exclude each other', { call: 'submit' }),
  errorRow(403, '1220', 'credential', 'no permission for this API'),
  errorRow(400, '1222', 'model_missing', 'no such API'),
  errorRow(400, '1261', 'context_length', 'the prompt is too long'),
  // Only an earlier submission of the same job can have used its id.
  errorRow(400, '1231', 'invalid_request', 'a request with this id exists already', { isDefinite: false }),
  errorRow(400, '1300', 'content_refused', 'refused by a policy'),
  errorRow(400, '1301', 'content_refused', 'unsafe or sensitive content'),
  errorRow(429, '1302', 'rate_limited', 'too many at a time'),
  errorRow(429, '1303', 'rate_limited', 'too often'),
  errorRow(429, '1304', 'out_of_money', 'the cap of the day is reached'),
  errorRow(429, '1305', 'rate_limited', 'too many requests for the service'),
  errorRow(429, '1308', 'out_of_money', 'the cap of a window of time is reached'),
  errorRow(429, '1310', 'out_of_money', 'the cap of the week or month is reached'),
  errorRow(403, '1311', 'model_missing', 'the model is not in the plan'),
  errorRow(429, '1312', 'rate_limited', 'the model is overloaded'),
  errorRow(500, '500', 'overloaded', 'internal error'),
  errorRow(500, '1200', 'overloaded', 'unknown error'),
  errorRow(500, '1230', 'overloaded', 'the call failed inside', { isDefinite: false }),
  errorRow(500, '1234', 'overloaded', 'network error inside', { isDefinite: false }),
];

/** The same codes as all operations meet them, and one that only some documents have. */
export const ZHIPU_ERROR_RULES: ErrorRules = { codes: { ...codesOfRows(ZHIPU_ERRORS), 1005: 'credential' } };
