import { isObject } from '../../../common/is-object.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskFailureKind, TaskState, TaskUsage } from '../../canonical/video.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';
import { DASHSCOPE_ERRORS, WAN_ERRORS } from './wan-errors.js';

type Fields = Readonly<Record<string, unknown>>;

/** The answer of a task API: what it says of the task. @throws ProviderError for a refusal and for what cannot be read. */
export function readWanOutput(answer: TaskAnswer): { readonly output: Fields; readonly usage: Fields } {
  if (answer.status < 200 || answer.status >= 300) throw toTaskError(answer, WAN_ERRORS, DASHSCOPE_ERRORS);
  const value = readTaskAnswer(answer);
  const { output, usage } = value;
  if (!isObject(output)) {
    if (textOf(value['code']) !== '') throw toTaskError(answer, WAN_ERRORS, DASHSCOPE_ERRORS);
    throw unreadable('The upstream answer says nothing of the task.');
  }
  return { output, usage: isObject(usage) ? usage : {} };
}

/**
 * The state of a task. A failure comes with HTTP 200.
 * @param readResult of a task that succeeded, which may turn out to have failed; may throw ProviderError.
 */
export function readWanState(answer: TaskAnswer, readResult: (output: Fields, usage: Fields) => TaskState): TaskState {
  const { output, usage } = readWanOutput(answer);
  const word = textOf(output['task_status']);
  switch (word) {
    case '':
      throw unreadable('The upstream answer names no state of the task.');
    case 'PENDING':
    case 'SUSPENDED':
      return { state: 'queued' };
    case 'RUNNING':
      return { state: 'processing' };
    case 'SUCCEEDED':
      return readResult(output, usage);
    case 'FAILED':
      return readWanFailure(output);
    case 'CANCELED':
      return { state: 'cancelled' };
    // Tasks are forgotten a day after their end.
    case 'UNKNOWN':
      return { state: 'failed', kind: 'expired', code: word, message: 'The upstream does not know the task any more.' };
    default:
      return stateOfUnknownWord(word, textOf(output['message']));
  }
}

/** The video of a task. @throws ProviderError when there is none. */
export function readWanVideo(output: Fields, usage: Fields): TaskState {
  return { state: 'succeeded', outputs: [{ url: readUrl(output) }], usage: readUsage(usage) };
}

function readUrl(output: Fields): string {
  const url = textOf(output['video_url']);
  if (url === '') throw unreadable('The upstream reports a success without a video.');
  return url;
}

/** Names differ between generations; `duration` alone may count the input as well, so that it comes last. */
function readUsage(usage: Fields): TaskUsage {
  const names = ['output_video_duration', 'video_duration', 'duration'];
  const seconds = names.map((name) => numberOf(usage[name])).find((value) => value !== undefined);
  return seconds === undefined ? {} : { videoMs: Math.round(seconds * 1000) };
}

/** A failure as its `code` and `message` tell it. */
export function readWanFailure(output: Fields): TaskState {
  const code = textOf(output['code']);
  const message = textOf(output['message']) || 'The upstream gave no reason.';
  return { state: 'failed', kind: kindOf(code), ...(code === '' ? {} : { code }), message };
}

function kindOf(code: string): TaskFailureKind {
  if (/^(?:DataInspectionFailed|IPInfringementSuspect)/.test(code)) return 'content_refused';
  if (/^(?:InvalidParameter|InvalidURL)/.test(code)) return 'invalid_request';
  return code === 'InternalError.Timeout' ? 'expired' : 'failed';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A length above 0; some answers write it as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}
