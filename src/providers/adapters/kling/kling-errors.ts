import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';

/**
 * Kling's error table. The code decides, not the status: of those that come with 429 only two are cured by waiting.
 * https://app.klingai.com/global/dev/document-api/apiReference/commonInfo
 */
export const KLING_ERRORS: readonly ErrorRow[] = [
  { http: 401, code: '1000', kind: 'credential', isRetryable: false, note: 'Authentication failed.' },
  { http: 401, code: '1001', kind: 'credential', isRetryable: false, note: 'No Authorization header.' },
  { http: 401, code: '1002', kind: 'credential', isRetryable: false, note: 'Authorization header of a wrong form.' },
  {
    http: 401,
    code: '1003',
    kind: 'credential',
    isRetryable: true,
    note: 'Token not valid yet. Each call signs a new one; if it goes on, the clocks differ.',
  },
  {
    http: 401,
    code: '1004',
    kind: 'credential',
    isRetryable: true,
    note: 'Token expired. Each call signs a new one; if it goes on, the clocks differ.',
  },
  { http: 429, code: '1100', kind: 'credential', isRetryable: false, note: 'The account is in an irregular state.' },
  { http: 429, code: '1101', kind: 'out_of_money', isRetryable: false, note: 'The account is in arrears.' },
  { http: 429, code: '1102', kind: 'out_of_money', isRetryable: false, note: 'Resource pack used up or expired.' },
  { http: 403, code: '1103', kind: 'credential', isRetryable: false, note: 'No permission for this model or API.' },
  { http: 400, code: '1200', kind: 'invalid_request', isRetryable: false, note: 'Invalid parameters.' },
  { http: 400, code: '1201', kind: 'invalid_request', isRetryable: false, note: 'Invalid parameters, named.' },
  { http: 404, code: '1202', kind: 'invalid_request', isRetryable: false, note: 'Invalid method.' },
  {
    http: 404,
    code: '1203',
    kind: 'model_missing',
    isRetryable: false,
    call: 'submit',
    note: 'No such resource or model. Of a status question it means that the task is gone.',
  },
  { http: 400, code: '1300', kind: 'content_refused', isRetryable: false, note: 'Against a policy of the platform.' },
  {
    http: 400,
    code: '1301',
    kind: 'content_refused',
    isRetryable: false,
    note: 'Against the content security policy.',
  },
  { http: 429, code: '1302', kind: 'rate_limited', isRetryable: true, note: 'Requests too fast.' },
  {
    http: 429,
    code: '1303',
    kind: 'rate_limited',
    isRetryable: true,
    note: 'As many tasks as the pack allows at a time.',
  },
  { http: 429, code: '1304', kind: 'credential', isRetryable: false, note: 'Our address is not on the allow list.' },
  { http: 500, code: '5000', kind: 'overloaded', isRetryable: true, note: 'Internal error.' },
  { http: 503, code: '5001', kind: 'overloaded', isRetryable: true, isDefinite: true, note: 'Maintenance.' },
  {
    http: 504,
    code: '5002',
    kind: 'overloaded',
    isRetryable: true,
    isDefinite: false,
    note: 'Timed out inside, with a backlog: a task may have been made.',
  },
];

/** Says of a task, or of its id, that there is none. */
export const NO_SUCH_TASK = '1203';

/** Reads an error answer. Never throws. */
export function toKlingError(failure: UpstreamFailure): ProviderError {
  return toTaskError(failure, KLING_ERRORS);
}

/**
 * The `data` of an answer, whatever it is.
 * @throws ProviderError for an answer that is a refusal, also one with status 200, or that is no JSON object.
 */
export function readKlingData(answer: TaskAnswer): unknown {
  if (answer.status < 200 || answer.status >= 300) throw toKlingError(answer);
  const { code, data } = readTaskAnswer(answer);
  if (code !== undefined && code !== 0) throw toKlingError(answer);
  return data;
}

/**
 * False for the refusal that our own id of the task is taken already, which an earlier submission of the same job must have
 * done.
 */
export function isDefiniteKlingError({ message }: ProviderError): boolean {
  return !/external_task_id/i.test(message);
}
