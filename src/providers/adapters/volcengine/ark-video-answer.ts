import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskRef, TaskState, TaskUsage } from '../../canonical/video.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { arkFailureKindOf, isArkTaskGone, toArkError } from './ark-errors.js';

const MS_PER_SECOND = 1_000;

/** @throws ProviderError unless the answer is a success. */
export function checkArkAnswer(answer: TaskAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw toArkError(answer);
}

/** The JSON object of a success. @throws ProviderError for anything else. */
export function readArkAnswer(answer: TaskAnswer): WireObject {
  checkArkAnswer(answer);
  return readTaskAnswer(answer);
}

/** The reference of a new task. */
export function fromArkSubmit(answer: TaskAnswer): TaskRef {
  const id = readArkAnswer(answer)['id'];
  if (!isText(id)) throw unreadable('The upstream took the task on without naming its id.');
  return { id };
}

/** The state that a task object tells; a task that Ark does not know any more has expired. */
export function fromArkStatus(answer: TaskAnswer): TaskState {
  if (answer.status === 404) {
    const error = toArkError(answer);
    if (!isArkTaskGone(error)) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  return stateOf(readArkAnswer(answer));
}

function stateOf(task: WireObject): TaskState {
  const status = task['status'];
  switch (status) {
    case 'queued':
      return { state: 'queued' };
    case 'running':
      return { state: 'processing' };
    case 'succeeded':
      return succeeded(task);
    case 'cancelled':
      return { state: 'cancelled' };
    case 'expired':
      return { state: 'failed', kind: 'expired', code: 'expired', message: reasonOf(task).message };
    case 'failed': {
      const { code, message } = reasonOf(task);
      return { state: 'failed', kind: arkFailureKindOf(code), code, message };
    }
  }
  if (!isText(status)) throw unreadable('The upstream told of a task without its status.');
  return stateOfUnknownWord(status, reasonOf(task).message);
}

function succeeded(task: WireObject): TaskState {
  const content = task['content'];
  const url = isObject(content) ? content['video_url'] : undefined;
  if (!isText(url)) throw unreadable('The upstream reports a success without a link to the video.');
  return { state: 'succeeded', outputs: [{ url }], usage: usageOf(task) };
}

function usageOf(task: WireObject): TaskUsage {
  const usage = task['usage'];
  const tokens = isObject(usage) ? (usage['completion_tokens'] ?? usage['total_tokens']) : undefined;
  const seconds = task['duration'];
  return {
    ...(isCount(seconds) ? { videoMs: Math.round(seconds * MS_PER_SECOND) } : {}),
    ...(isCount(tokens) && Number.isSafeInteger(tokens) ? { outputTokens: tokens } : {}),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function reasonOf(task: WireObject): { readonly code: string | undefined; readonly message: string } {
  const error = task['error'];
  const code = isObject(error) && isText(error['code']) ? error['code'] : undefined;
  const message = isObject(error) && isText(error['message']) ? error['message'] : undefined;
  return { code, message: message ?? `The task is ${String(task['status'])}.` };
}
