import { type ErrorRow, findErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskFailureKind } from '../../canonical/video.js';
import { codesOfRows, type ErrorRules } from '../openai-compatible/error-rules.js';
import { toProviderError } from '../openai-compatible/errors.js';
import { errorRow } from '../tasks/error-rows.js';

function refused(code: string, note: string): ErrorRow {
  return errorRow(400, code, 'content_refused', note);
}

/** In answer to a question after a task it says that the record is gone, which is kept for seven days. */
const ROW_OF_NOTHING = errorRow(404, 'NotFound*', 'model_missing', 'no such thing', { call: 'submit' });

/**
 * Error codes of the task API, https://www.volcengine.com/docs/82379/1299023. A task that fails after it was taken on has the same
 * codes in its `error`, within HTTP 200.
 */
export const ARK_VIDEO_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'MissingParameter', 'invalid_request', 'a field is missing'),
  errorRow(400, 'MissingParameter.*', 'invalid_request', 'the named field is missing'),
  errorRow(400, 'InvalidParameter', 'invalid_request', 'a field is not valid'),
  errorRow(400, 'InvalidParameter.*', 'invalid_request', 'the named field is not valid'),
  errorRow(400, 'InvalidEndpoint.ClosedEndpoint', 'model_missing', 'the endpoint is closed'),
  refused('SensitiveContentDetected', 'the input'),
  refused('SensitiveContentDetected.SevereViolation', 'the input, severely'),
  refused('SensitiveContentDetected.Violence', 'the input, for violence'),
  refused('InputTextSensitiveContentDetected', 'the prompt'),
  refused('InputTextSensitiveContentDetected.PrivacyInformation', 'the prompt, for a real person'),
  refused('InputImageSensitiveContentDetected', 'a picture'),
  refused('InputImageSensitiveContentDetected.PrivacyInformation', 'a picture, for a real person'),
  refused('InputImageSensitiveContentDetected.PolicyViolation', 'a picture, for its copyright'),
  refused('InputVideoSensitiveContentDetected', 'a reference video'),
  refused('InputVideoSensitiveContentDetected.PrivacyInformation', 'a reference video, for a real person'),
  refused('InputTextRiskDetection', 'the prompt'),
  refused('InputImageRiskDetection', 'a picture'),
  refused('OutputTextRiskDetection', 'the text of the result'),
  refused('OutputImageRiskDetection', 'a picture of the result'),
  refused('OutputVideoSensitiveContentDetected', 'the video'),
  refused('OutputVideoSensitiveContentDetected.PolicyViolation', 'the video, for its copyright'),
  refused('OutputAudioSensitiveContentDetected.PolicyViolation', 'the sound, for its copyright'),
  refused('SensitiveContentDetected*', 'the input, for any other reason'),
  refused('InputTextSensitiveContentDetected*', 'the prompt, for any other reason'),
  refused('InputImageSensitiveContentDetected*', 'a picture, for any other reason'),
  refused('InputVideoSensitiveContentDetected*', 'a reference video, for any other reason'),
  refused('OutputTextSensitiveContentDetected*', 'the text of the result, for any reason'),
  refused('OutputImageSensitiveContentDetected*', 'a picture of the result, for any reason'),
  refused('OutputVideoSensitiveContentDetected*', 'the video, for any other reason'),
  refused('OutputAudioSensitiveContentDetected*', 'the sound, for any other reason'),
  errorRow(400, 'ContentSecurityDetectionError', 'overloaded', 'the review service failed'),
  errorRow(401, 'AuthenticationError', 'credential', 'the key is refused'),
  errorRow(403, 'AccountOverdueError', 'out_of_money', 'the account is overdue'),
  errorRow(403, 'AccessDenied', 'credential', 'the key may not do this'),
  errorRow(403, 'OperationDenied.*', 'credential', 'the account may not do this'),
  errorRow(404, 'InvalidEndpointOrModel.NotFound', 'model_missing', 'no such model or endpoint'),
  errorRow(404, 'InvalidEndpointOrModel.ModelIDAccessDisabled', 'model_missing', 'not callable by its model id'),
  errorRow(404, 'ModelNotOpen', 'model_missing', 'the account has not opened the model'),
  ROW_OF_NOTHING,
  errorRow(429, 'RateLimitExceeded.EndpointRPMExceeded', 'rate_limited', 'requests of the endpoint'),
  errorRow(429, 'RateLimitExceeded.EndpointTPMExceeded', 'rate_limited', 'tokens of the endpoint'),
  errorRow(429, 'RateLimitExceeded.FoundationModelRPMExceeded', 'rate_limited', 'requests of the model'),
  errorRow(429, 'ModelAccountRpmRateLimitExceeded', 'rate_limited', 'requests of the account'),
  errorRow(429, 'ModelAccountTpmRateLimitExceeded', 'rate_limited', 'tokens of the account'),
  errorRow(429, 'ServerOverloaded', 'overloaded', 'busy'),
  errorRow(429, 'ModelLoadingError', 'overloaded', 'the model is being loaded'),
  errorRow(429, 'InflightBatchsizeExceeded', 'overloaded', 'too many requests at once'),
  errorRow(429, 'RequestBurstTooFast', 'overloaded', 'the rate grew too fast'),
  errorRow(429, 'QuotaExceeded', 'out_of_money', 'the free quota is used up'),
  errorRow(429, 'SetLimitExceeded', 'out_of_money', 'the cap that the account has set itself'),
  errorRow(500, 'InternalServiceError', 'overloaded', 'a fault of the service', { isDefinite: false }),
];

/** The same for all operations, with what chat has seen besides. */
export const ARK_ERROR_RULES: ErrorRules = {
  codes: {
    ...codesOfRows(ARK_VIDEO_ERRORS),
    'invalidparameter*': 'invalid_request',
    'invalidendpointormodel*': 'model_missing',
    'ratelimitexceeded*': 'rate_limited',
    'quotaexceeded*': 'out_of_money',
  },
};

/** Reads an answer that is no success. */
export function toArkError(answer: TaskAnswer): ProviderError {
  return toProviderError(answer, ARK_ERROR_RULES);
}

/** True for an answer that knows no such task. A missing model or endpoint is another matter. */
export function isArkTaskGone({ status, code }: ProviderError): boolean {
  return status === 404 && findErrorRow(ARK_VIDEO_ERRORS, status, code) === ROW_OF_NOTHING;
}

/** Why a task failed, by the code in its `error`. */
export function arkFailureKindOf(code: string | undefined): TaskFailureKind {
  // Failed tasks have no status of their own.
  const kind = findErrorRow(ARK_VIDEO_ERRORS, 200, code)?.kind;
  return kind === 'content_refused' || kind === 'invalid_request' ? kind : 'failed';
}
