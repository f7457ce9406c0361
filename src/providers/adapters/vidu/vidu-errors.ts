import { findErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskFailureKind } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';

const IS_SUBMIT = { call: 'submit' } as const;

/**
 * https://platform.vidu.com/docs/error-code. The word decides, not the status: `CreditInsufficient` was seen with 402 too. Of a
 * question after a task, that it or its videos are not found means that they are gone.
 */
export const VIDU_ERRORS = [
  errorRow(400, 'BadRequest', 'invalid_request', 'the request is wrong'),
  errorRow(400, 'FieldLacking', 'invalid_request', 'a field is missing'),
  errorRow(400, 'FieldUnwanted', 'invalid_request', 'a field is not taken by this model'),
  errorRow(400, 'FieldInvalid', 'invalid_request', 'a field has a wrong value'),
  errorRow(400, 'FieldItemCountOutOfRange', 'invalid_request', 'too many or too few entries of a field'),
  errorRow(400, 'PageSizeOutOfRange', 'invalid_request', 'a page is too large'),
  errorRow(400, 'ImageFormatInvalid', 'invalid_request', 'a picture cannot be read'),
  errorRow(400, 'ImageDownloadFailure', 'invalid_request', 'a picture cannot be fetched'),
  errorRow(400, 'ModelUnavailable', 'model_missing', 'there is no such model for this kind of video'),
  errorRow(400, 'TaskPromptPolicyViolation', 'content_refused', 'the prompt is against the policy'),
  errorRow(400, 'AuditSubmitIllegal', 'content_refused', 'the input did not pass the audit'),
  errorRow(400, 'CreationPolicyViolation', 'content_refused', 'the video is against the policy'),
  errorRow(400, 'CreditInsufficient', 'out_of_money', 'not enough credits'),
  errorRow(400, 'OperationInProcess', 'overloaded', 'another operation is under way'),
  errorRow(400, 'UserCancelled', 'invalid_request', 'the task was called off'),
  errorRow(401, 'Unauthorized', 'credential', 'the key is wrong'),
  errorRow(403, 'Forbidden', 'credential', 'the key may not do this'),
  errorRow(404, 'TaskNotFound', 'invalid_request', 'there is no such task', IS_SUBMIT),
  errorRow(404, 'CreationNotFound', 'invalid_request', 'the videos of the task are gone', IS_SUBMIT),
  errorRow(404, 'NotFound', 'invalid_request', 'there is no such thing'),
  errorRow(409, 'Conflict', 'invalid_request', 'it is in conflict with what there is'),
  errorRow(429, 'QuotaExceeded', 'rate_limited', 'as many tasks as the account may have at a time'),
  errorRow(429, 'TooManyRequests', 'rate_limited', 'too many requests'),
  errorRow(429, 'SystemThrottling', 'rate_limited', 'the service is busy'),
  errorRow(499, 'Canceled', 'incomplete', 'the connection ended before the answer', { isDefinite: false }),
  errorRow(500, 'InternalServiceFailure', 'overloaded', 'a fault of the service'),
];

const GONE: ReadonlySet<string | undefined> = new Set(['TaskNotFound', 'CreationNotFound']);

/** Reads an error answer: its word is the `reason`; `code` is the same, or a number. Never throws. */
export function toViduError(failure: UpstreamFailure): ProviderError {
  return toTaskError({ ...failure, body: withWord(failure) }, VIDU_ERRORS);
}

/** True for the error of a question after a task that Vidu does not have any more. */
export function isGoneAtVidu({ code }: ProviderError): boolean {
  return GONE.has(code);
}

/** The JSON object of a success. @throws ProviderError for a refusal and for what cannot be read. */
export function readViduAnswer(answer: TaskAnswer): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toViduError(answer);
  return readTaskAnswer(answer);
}

/** Why a task failed, by its `err_code`. */
export function viduFailureKindOf(code: string): TaskFailureKind {
  const kind = findErrorRow(VIDU_ERRORS, 400, code)?.kind;
  return kind === 'content_refused' || kind === 'invalid_request' ? kind : 'failed';
}

/** The answer with the word where words are looked for. */
function withWord(failure: UpstreamFailure): Uint8Array {
  try {
    const value = readTaskAnswer(failure);
    return isText(value['reason']) ? Buffer.from(JSON.stringify({ ...value, code: value['reason'] })) : failure.body;
  } catch {
    // No JSON object: nothing has a word there.
    return failure.body;
  }
}
