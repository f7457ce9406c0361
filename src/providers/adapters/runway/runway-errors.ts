import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskFailureKind } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { type CodeOfText, withCodeOfText } from '../tasks/code-of-text.js';
import { errorRow } from '../tasks/error-rows.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** Runway's errors are a text and a status: an empty account and refused content are a 400 like any other. */
const CODES: readonly CodeOfText[] = [
  [/not have enough credits|insufficient credits/i, 'insufficient_credits'],
  [/moderat|safety|content polic/i, 'content_moderated'],
];

/** https://docs.dev.runwayml.com/errors/errors. Codes are the hub's, for what only a text tells. */
export const RUNWAY_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'insufficient_credits', 'out_of_money', 'its text says that the account has too few credits'),
  errorRow(400, 'content_moderated', 'content_refused', 'its text speaks of moderation'),
  errorRow(400, '', 'invalid_request', 'the input is wrong'),
  errorRow(401, '', 'credential', 'the key is wrong'),
  errorRow(404, '', 'model_missing', 'there is no such thing; of a task, that it was deleted', { call: 'submit' }),
  errorRow(405, '', 'invalid_request', 'the method is wrong'),
  errorRow(429, '', 'rate_limited', 'too many requests, or as many tasks as a day may have'),
  errorRow(502, '', 'overloaded', 'the service is under load', { isDefinite: false }),
  errorRow(503, '', 'overloaded', 'the service is under load', { isDefinite: false }),
  errorRow(504, '', 'overloaded', 'the service is under load', { isDefinite: false }),
];

/** Reads an error answer. Never throws. */
export function toRunwayError(failure: UpstreamFailure): ProviderError {
  return toTaskError(withCodeOfText(failure, CODES), RUNWAY_ERRORS);
}

/** The JSON object of a success. @throws ProviderError for a refusal and for what cannot be read. */
export function readRunwayAnswer(answer: TaskAnswer): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toRunwayError(answer);
  return readTaskAnswer(answer);
}

/** Why a task failed, by its code: https://docs.dev.runwayml.com/errors/task-failures. */
export function runwayFailureKindOf(code: string): TaskFailureKind {
  if (/(?:^|\.)SAFETY(?:\.|$)/.test(code)) return 'content_refused';
  if (code === 'INPUT_PREPROCESSING.INTERNAL') return 'failed';
  return /^(?:INPUT_PREPROCESSING|ASSET)(?:\.|$)/.test(code) ? 'invalid_request' : 'failed';
}
