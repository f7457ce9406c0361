import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { MediaInput, TaskAnswer, TaskCall, TaskOutput, TaskRef, TaskState } from '../../canonical/video.js';
import { isText } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { endOf, readJimengData } from './jimeng-errors.js';

const VERSION = '2022-08-31';

/** The call that makes a task. */
export function toJimengSubmit(body: Readonly<Record<string, unknown>>): TaskCall {
  return toCall('CVSync2AsyncSubmitTask', body);
}

/** The reference of a new task: it can be asked after only by the service that made it. */
export function fromJimengSubmit(answer: TaskAnswer, reqKey: string): TaskRef {
  const { task_id: taskId } = readJimengData(answer);
  if (!isText(taskId)) throw unreadable('Jimeng accepted the task and did not name it.');
  return { reqKey, taskId };
}

/** Asks after a task. @param wishes about the result. */
export function toJimengStatus({ reqKey, taskId }: TaskRef, wishes: Readonly<Record<string, unknown>> = {}): TaskCall {
  const hasWishes = Object.keys(wishes).length > 0;
  // A JSON text within the JSON.
  const reqJson = hasWishes ? { req_json: JSON.stringify(wishes) } : {};
  return toCall('CVSync2AsyncGetResult', { req_key: reqKey, task_id: taskId, ...reqJson });
}

/**
 * The state of a task.
 * @param outputsOf what a finished task has made; it throws where there is nothing.
 * @throws ProviderError when the state could not be learned.
 */
export function fromJimengStatus(
  answer: TaskAnswer,
  outputsOf: (data: Readonly<Record<string, unknown>>) => readonly TaskOutput[],
): TaskState {
  let data: Readonly<Record<string, unknown>>;
  try {
    data = readJimengData(answer);
  } catch (error) {
    const end = error instanceof ProviderError ? endOf(error) : undefined;
    if (end === undefined) throw error;
    return end;
  }
  const { status } = data;
  switch (status) {
    case 'in_queue':
      return { state: 'queued' };
    case 'generating':
      return { state: 'processing' };
    case 'done':
      return { state: 'succeeded', outputs: outputsOf(data), usage: {} };
    case 'not_found':
      return {
        state: 'failed',
        kind: 'expired',
        code: 'not_found',
        message: 'Jimeng does not know the task any more.',
      };
    case 'expired':
      return { state: 'failed', kind: 'expired', code: 'expired', message: 'The task has expired at Jimeng.' };
  }
  if (!isText(status)) throw unreadable('Jimeng says nothing of the state of the task.');
  return stateOfUnknownWord(status);
}

/** Pictures as addresses or as base64: a request has them all in one form. */
export function picturesOf(pictures: readonly MediaInput[]): Readonly<Record<string, unknown>> {
  const urls = pictures.flatMap((picture) => (picture.kind === 'url' ? [picture.url] : []));
  const bytes = pictures.flatMap((picture) => (picture.kind === 'bytes' ? [picture.base64] : []));
  return {
    ...(urls.length > 0 && { image_urls: urls }),
    ...(bytes.length > 0 && { binary_data_base64: bytes }),
  };
}

function toCall(action: string, body: Readonly<Record<string, unknown>>): TaskCall {
  return { method: 'POST', path: `/?Action=${action}&Version=${VERSION}`, body: JSON.stringify(body) };
}
