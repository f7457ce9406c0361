import type { Refusal } from '../faults.js';
import { json, type SimulatedAnswer } from '../simulated-vendor.js';
import { badKey, type ErrorDetail, GoogleError, overQuota } from './google-error.js';

/** A refusal of any API of Google as an answer. */
export function googleFailure(http: number, message: string, details: readonly ErrorDetail[] = [], status?: string) {
  return answerOf(new GoogleError(http, message, details, ...(status === undefined ? [] : ([status] as const))));
}

/** What the video APIs of Google refuse, in its words; {@link Refusal}s of the credential are the surface's own. */
export const GOOGLE_REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: answerOf(badKey()),
  expired_token: googleFailure(400, 'API key expired. Please renew the API key.', [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]),
  bad_parameter: googleFailure(400, 'The number value for `durationSeconds` is out of bound.'),
  content_refused: googleFailure(
    400,
    "The prompt could not be submitted. It contains words that violate Google's Responsible AI practices and policies.",
  ),
  out_of_balance: googleFailure(
    400,
    'To use this model, please enable billing on your project.',
    [],
    'FAILED_PRECONDITION',
  ),
  rate_limited: answerOf(overQuota(2)),
  concurrency: answerOf(overQuota(undefined)),
  server_error: googleFailure(503, 'The service is currently unavailable.'),
};

function answerOf(error: GoogleError): SimulatedAnswer {
  return json(error.httpStatus, error.toBody());
}
