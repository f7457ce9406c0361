import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { MediaInput, TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { idOf, readSoundAnswer } from './minimax-answer.js';
import { BAD_PARAMETERS, codeInText, minimaxFailureKindOf, toMinimaxError } from './minimax-errors.js';

const MS_PER_SECOND = 1_000;
/** The API wants one where there is no picture to take it from. */
const RATIO_DEFAULT = '16:9';

/** The call that makes a task of the second API. */
export function toV2Submit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio } = request;
  const body = {
    ...request.options,
    model: upstreamModel,
    content: [
      { type: 'text', text: prompt },
      ...(image === undefined ? [] : [toFrame(image, 'first_frame')]),
      ...(lastFrame === undefined ? [] : [toFrame(lastFrame, 'last_frame')]),
    ],
    resolution: request.resolution.toUpperCase(),
    duration: request.durationSeconds,
    ratio: image === undefined ? (aspectRatio ?? RATIO_DEFAULT) : undefined,
    callback_url: request.callbackUrl,
  };
  return { method: 'POST', path: '/v2/video_generation', body: JSON.stringify(body) };
}

function toFrame(input: MediaInput, role: 'first_frame' | 'last_frame'): unknown {
  return { type: 'image_url', image_url: { url: pictureAddress(input) }, role };
}

/** The reference of a new task. */
export function fromV2Submit(answer: TaskAnswer): TaskRef {
  const taskId = idOf(readSoundAnswer(answer)['task_id']);
  if (taskId === undefined) throw unreadable('The upstream took the task on without naming its id.');
  return { dialect: 'v2', taskId };
}

/** Asks after a task. */
export function toV2Status({ taskId }: TaskRef): TaskCall {
  return { method: 'GET', path: `/v2/query/video_generation/${encodeURIComponent(String(taskId))}` };
}

/** The state that a task object tells; an id that is not valid any more has expired. */
export function fromV2Status(answer: TaskAnswer): TaskState {
  if (answer.status === 400 || answer.status === 404) {
    const error = toMinimaxError(answer);
    if (error.code !== BAD_PARAMETERS) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  const task = readSoundAnswer(answer)['task'];
  if (!isObject(task)) throw unreadable('The upstream answered without the task.');
  return stateOf(task);
}

/** Only a task in the queue can be called off. */
export function toV2Cancel({ taskId }: TaskRef): TaskCall {
  return { method: 'DELETE', path: `/v2/video_generation/${encodeURIComponent(String(taskId))}` };
}

/** @throws ProviderError when it was refused. */
export function fromV2Cancel(answer: TaskAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw toMinimaxError(answer);
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
      return { state: 'failed', kind: minimaxFailureKindOf(code), code, message };
    }
  }
  if (!isText(status)) throw unreadable('The upstream told of a task without its status.');
  return stateOfUnknownWord(status, reasonOf(task).message);
}

function succeeded(task: WireObject): TaskState {
  const content = task['content'];
  const url = isObject(content) ? content['url'] : undefined;
  if (!isText(url)) throw unreadable('The upstream reports a success without a link to the video.');
  const usage = task['usage'];
  const seconds = isObject(usage) ? usage['output_seconds'] : undefined;
  const isTold = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
  return {
    state: 'succeeded',
    outputs: [{ url }],
    usage: isTold ? { videoMs: Math.round(seconds * MS_PER_SECOND) } : {},
  };
}

function reasonOf(task: WireObject): { readonly code: string | undefined; readonly message: string } {
  const error = isObject(task['error']) ? task['error'] : {};
  const message = isText(error['message']) ? error['message'] : `The task is ${String(task['status'])}.`;
  return { code: codeInText(message) ?? idOf(error['code']), message };
}
