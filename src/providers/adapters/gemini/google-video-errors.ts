import type { ErrorRow } from '../../canonical/error-row.js';
import type { TaskAnswer, TaskState } from '../../canonical/video.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';
import { toGeminiError } from './gemini-errors.js';

/** What all of Google's APIs say: https://cloud.google.com/apis/design/errors. What only a text tells is read by its words. */
export const GOOGLE_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'INVALID_ARGUMENT', 'invalid_request', 'a parameter is wrong; with words about a policy, a refusal'),
  errorRow(400, 'FAILED_PRECONDITION', 'out_of_money', 'billing is off; with words about a place, not offered there'),
  errorRow(401, 'UNAUTHENTICATED', 'credential', 'there is no such credential'),
  errorRow(403, 'PERMISSION_DENIED', 'credential', 'the credential may not do this'),
  errorRow(404, 'NOT_FOUND', 'model_missing', 'there is no such model; of a task, that it is gone', { call: 'submit' }),
  errorRow(429, 'RESOURCE_EXHAUSTED', 'rate_limited', 'a quota is used up'),
  errorRow(500, 'INTERNAL', 'overloaded', 'a fault of the service', { isDefinite: false }),
  errorRow(503, 'UNAVAILABLE', 'overloaded', 'overloaded'),
  errorRow(504, 'DEADLINE_EXCEEDED', 'overloaded', 'it took too long', { isDefinite: false }),
];

/** Those, and what only the Gemini API says. */
export const GEMINI_VIDEO_ERRORS: readonly ErrorRow[] = [
  ...GOOGLE_ERRORS,
  errorRow(400, 'API_KEY_INVALID', 'credential', 'the key is wrong or has expired'),
  errorRow(400, 'invalid_request', 'invalid_request', 'a parameter is wrong, said by a code alone'),
  errorRow(400, 'SAFETY', 'content_refused', 'the prompt is not safe'),
  errorRow(400, 'PROHIBITED_CONTENT', 'content_refused', 'the prompt is prohibited'),
  errorRow(400, 'BLOCKLIST', 'content_refused', 'the prompt has a word of a list'),
];

/** What a task has come to that made nothing for its policy, where Google gives no reason. */
export const NOTHING_MADE: TaskState = {
  state: 'failed',
  kind: 'content_refused',
  code: 'content_policy_violation',
  message: 'The upstream made no video of this prompt.',
};

/** Why a task failed, where Google does not say it. */
export const NO_REASON = 'Google gives no reason.';

/** The JSON object of a success. @throws ProviderError for a refusal and for what cannot be read. */
export function readGoogleAnswer(answer: TaskAnswer): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toGeminiError(answer);
  return readTaskAnswer(answer);
}

/**
 * That a task is gone, where Google itself says so.
 * @returns undefined for any other answer, a bare 404 among them.
 */
export function goneAtGoogle(answer: TaskAnswer): TaskState | undefined {
  if (answer.status !== 404 && answer.status !== 400) return undefined;
  const { code, message } = toGeminiError(answer);
  const isGone = answer.status === 404 ? code === 'NOT_FOUND' : /^invalid interaction name/i.test(message);
  return isGone ? { state: 'failed', kind: 'expired', code, message } : undefined;
}
