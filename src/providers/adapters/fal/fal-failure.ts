import type { TaskAnswer, TaskFailureKind, TaskState } from '../../canonical/video.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { toFalError } from './fal-errors.js';

const CANCELLED = 'client_cancelled';
/** nginx's status for a client that left, with which the queue answers for a request that was called off. */
const CLIENT_CLOSED_REQUEST = 499;
const TOO_LATE = new Set(['generation_timeout', 'request_timeout', 'startup_timeout']);
/** Types that come with the status of a wrong input although it is the model that failed. */
const OF_THE_MODEL = new Set(['no_media_generated', 'downstream_service_error', 'downstream_service_unavailable']);
/** Statuses by which the queue says that it cannot be asked, whatever came of the task. */
const CANNOT_ASK = new Set([401, 402, 403, 408, 425, 429]);

/**
 * Why a task came to nothing, as the answer to the question after its result says it; undefined where that only says that it could not
 * be asked, or is nothing that fal has written. A model's own error comes with the status that the model gave it, also a 500: by a list
 * of typed errors, or by an `error_type`, it is told from an error of the queue.
 */
export function falFailureOf(answer: TaskAnswer, body: WireObject | undefined): TaskState | undefined {
  const { status } = answer;
  const code = typeOf(answer, body);
  if (status === CLIENT_CLOSED_REQUEST || code === CANCELLED) return { state: 'cancelled' };
  if (CANNOT_ASK.has(status) || (code === undefined && (status >= 500 || body === undefined))) return undefined;
  return falFailure(code, toFalError(answer).message, status);
}

/** A failed task. @param status of the answer that says so. */
export function falFailure(code: string | undefined, message: string, status: number): TaskState {
  return { state: 'failed', kind: kindOf(code, status), ...(code === undefined ? {} : { code }), message };
}

function typeOf({ headers }: TaskAnswer, body: WireObject | undefined): string | undefined {
  const detail: unknown = body?.['detail'];
  const first: unknown = Array.isArray(detail) ? detail[0] : undefined;
  const named = [isObject(first) ? first['type'] : undefined, body?.['error_type'], headers['x-fal-error-type']];
  return named.find(isText);
}

function kindOf(code: string | undefined, status: number): TaskFailureKind {
  if (code === 'content_policy_violation') return 'content_refused';
  if (code !== undefined && TOO_LATE.has(code)) return 'expired';
  if (status === 404 || status === 410) return 'expired';
  return status < 500 && !(code !== undefined && OF_THE_MODEL.has(code)) ? 'invalid_request' : 'failed';
}
