import { type ErrorRow, findErrorRow } from '../../canonical/error-row.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskFailureKind } from '../../canonical/video.js';
import { codesOfRows, type ErrorRules } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';

/** What both APIs say about a request that they do not understand, and about a task that is not there any more. */
export const BAD_PARAMETERS = '2013';

/**
 * Business codes, https://platform.minimax.io/docs/api-reference/errorcode. The first API says them within HTTP 200 as
 * `base_resp.status_code`; the second one at the end of the text of an HTTP error, in parentheses. In answer
 * to a question after a task, refused content is why it failed, and bad parameters mean that it is not there any more.
 */
export const MINIMAX_VIDEO_ERRORS: readonly ErrorRow[] = [
  errorRow(200, '1000', 'overloaded', 'unknown error'),
  errorRow(200, '1001', 'overloaded', 'timeout', { isDefinite: false }),
  errorRow(200, '1024', 'overloaded', 'internal error'),
  errorRow(200, '1033', 'overloaded', 'system error'),
  errorRow(200, '1002', 'rate_limited', 'rate limit'),
  errorRow(200, '1039', 'rate_limited', 'token limit'),
  errorRow(200, '1041', 'rate_limited', 'connection limit'),
  errorRow(200, '2045', 'rate_limited', 'the rate grew too fast'),
  errorRow(200, '1004', 'credential', 'not authorised'),
  errorRow(200, '2049', 'credential', 'the key is not valid here'),
  errorRow(200, '2038', 'credential', 'the account lacks its real-name verification'),
  errorRow(200, '1008', 'out_of_money', 'insufficient balance'),
  errorRow(200, '1026', 'content_refused', 'the input', { call: 'submit' }),
  errorRow(200, '1027', 'content_refused', 'the video', { call: 'submit' }),
  errorRow(200, '1042', 'invalid_request', 'bad characters'),
  errorRow(200, BAD_PARAMETERS, 'invalid_request', 'bad parameters', { call: 'submit' }),
  errorRow(200, '2056', 'out_of_money', 'the limit of a plan is reached'),
  errorRow(400, BAD_PARAMETERS, 'invalid_request', 'bad_request_error', { call: 'submit' }),
  errorRow(401, '1004', 'credential', 'authorized_error'),
  errorRow(402, '1008', 'out_of_money', 'insufficient_balance_error'),
  errorRow(422, '1026', 'content_refused', 'unprocessable_entity_error'),
  errorRow(429, '1002', 'rate_limited', 'rate_limit_error'),
  errorRow(500, '1000', 'overloaded', 'server_error', { isDefinite: false }),
];

/** How all operations read the codes. */
export const MINIMAX_ERROR_RULES: ErrorRules = { codes: codesOfRows(MINIMAX_VIDEO_ERRORS) };

/** Reads an answer with a status that is no success. */
export function toMinimaxError(answer: TaskAnswer): ProviderError {
  const error = toProviderError(answer, MINIMAX_ERROR_RULES);
  const code = codeInText(error.message);
  const kind = findErrorRow(MINIMAX_VIDEO_ERRORS, answer.status, code)?.kind;
  if (kind === undefined) return error;
  const { message, status, param, retryAfterMs } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs });
}

/** Reads what a success says in its `base_resp`; undefined when that is well. */
export function findBusinessError(value: WireObject): ProviderError | undefined {
  const text = readErrorBody({ base_resp: value['base_resp'] });
  return text.code === undefined || text.code === '0' ? undefined : toInBandError(text, MINIMAX_ERROR_RULES);
}

/** Why a task failed, by its code. */
export function minimaxFailureKindOf(code: string | undefined): TaskFailureKind {
  const kind = findErrorRow(MINIMAX_VIDEO_ERRORS, 200, code)?.kind;
  return kind === 'content_refused' || kind === 'invalid_request' ? kind : 'failed';
}

/** `invalid params (2013)` has the code 2013. */
export function codeInText(message: string): string | undefined {
  return /\((\d{4})\)\s*$/.exec(message)?.[1];
}
