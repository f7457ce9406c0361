import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import { errorRow } from '../tasks/error-rows.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** Says of a video that there is none. */
export const NO_SUCH_VIDEO = '500008';

/** https://docs.platform.pixverse.ai/error-codes-796041m0: the `ErrCode` of answers that all come with HTTP 200. */
export const PIXVERSE_ERRORS: readonly ErrorRow[] = [
  errorRow(200, '10005', 'credential', 'the key is not valid'),
  errorRow(200, '400011', 'invalid_request', 'parameters are missing'),
  errorRow(200, '400012', 'credential', 'the account is not valid'),
  errorRow(200, '400013', 'invalid_request', 'the request cannot be read'),
  errorRow(200, '400017', 'invalid_request', 'a parameter is wrong'),
  errorRow(200, '400018', 'invalid_request', 'the prompt is too long'),
  errorRow(200, '400019', 'invalid_request', 'the negative prompt is too long'),
  errorRow(200, '400032', 'invalid_request', 'there is no such picture'),
  errorRow(200, NO_SUCH_VIDEO, 'invalid_request', 'there is no such video', { call: 'submit' }),
  errorRow(200, '500020', 'credential', 'the account may not do this'),
  errorRow(200, '50003*', 'invalid_request', 'a picture cannot be used'),
  errorRow(200, '500040', 'invalid_request', 'a picture cannot be used'),
  errorRow(200, '500041', 'invalid_request', 'a picture cannot be used'),
  errorRow(200, '500042', 'invalid_request', 'a picture cannot be used'),
  errorRow(200, '500044', 'rate_limited', 'as many videos as the account may make at a time'),
  errorRow(200, '500054', 'content_refused', 'moderation refused the video'),
  errorRow(200, '500063', 'content_refused', 'moderation refused the input'),
  errorRow(200, '500060', 'out_of_money', 'the limit of the month is reached'),
  errorRow(200, '500090', 'out_of_money', 'not enough credits'),
];

/** Reads an error answer. Never throws. */
export function toPixverseError(failure: UpstreamFailure): ProviderError {
  return toTaskError({ ...failure, body: withCommonNames(failure) }, PIXVERSE_ERRORS);
}

/** What an answer that is well holds. @throws ProviderError for a refusal, also one with HTTP 200, and for what cannot be read. */
export function readPixverseAnswer(answer: TaskAnswer): unknown {
  if (answer.status < 200 || answer.status > 299) throw toPixverseError(answer);
  const { ErrCode: code, Resp: value } = readTaskAnswer(answer);
  if (code === undefined || code === null) throw unreadable('PixVerse does not say whether it is well.');
  if (code !== 0) throw toPixverseError(answer);
  return value;
}

/** The answer with code and text under the names by which they are looked for. */
function withCommonNames(failure: UpstreamFailure): Uint8Array {
  try {
    const value = readTaskAnswer(failure);
    return Buffer.from(JSON.stringify({ code: value['ErrCode'], message: value['ErrMsg'] }));
  } catch {
    // No JSON object: it is not PixVerse that speaks.
    return failure.body;
  }
}
