import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { idOf, readMinimaxAnswer, readSoundAnswer } from './minimax-answer.js';
import { BAD_PARAMETERS, findBusinessError, minimaxFailureKindOf } from './minimax-errors.js';

/** The call that makes a task of the first API. */
export function toV1Submit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const body = {
    ...request.options,
    model: upstreamModel,
    prompt: request.prompt === '' ? undefined : request.prompt,
    // Bare base64 is refused.
    first_frame_image: request.image && pictureAddress(request.image),
    last_frame_image: request.lastFrame && pictureAddress(request.lastFrame),
    duration: request.durationSeconds,
    resolution: request.resolution.toUpperCase(),
    callback_url: request.callbackUrl,
  };
  return { method: 'POST', path: '/v1/video_generation', body: JSON.stringify(body) };
}

/** The reference of a new task. */
export function fromV1Submit(answer: TaskAnswer): TaskRef {
  const value = readSoundAnswer(answer);
  const taskId = idOf(value['task_id']);
  if (taskId === undefined) throw unreadable('The upstream took the task on without naming its id.');
  return { dialect: 'v1', taskId };
}

/** Asks after the task, and once that has a file, for the link to it. */
export function toV1Status({ taskId, fileId }: TaskRef): TaskCall {
  const path =
    fileId === undefined
      ? `/v1/query/video_generation?task_id=${encodeURIComponent(String(taskId))}`
      : `/v1/files/retrieve?file_id=${encodeURIComponent(String(fileId))}`;
  return { method: 'GET', path };
}

/** What the answer to {@link toV1Status} says. */
export function fromV1Status(answer: TaskAnswer, ref: TaskRef): TaskState {
  const value = readMinimaxAnswer(answer);
  const error = findBusinessError(value);
  if (error?.code === BAD_PARAMETERS && value['status'] === undefined)
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  return ref['fileId'] === undefined ? stateOfTask(value, ref) : stateOfFile(readSoundAnswer(answer));
}

function stateOfTask(value: WireObject, ref: TaskRef): TaskState {
  const error = findBusinessError(value);
  const status = isText(value['status']) ? value['status'] : '';
  // A question has no content of its own that could be refused.
  if (status === 'Fail' || error?.kind === 'content_refused') {
    const kind = minimaxFailureKindOf(error?.code);
    return { state: 'failed', kind, code: error?.code, message: error?.message ?? 'The task failed.' };
  }
  if (error !== undefined) throw error;
  switch (status) {
    case 'Preparing':
    case 'Queueing':
      return { state: 'queued' };
    case 'Processing':
      return { state: 'processing' };
    case 'Success':
      return follow(value, ref);
    case '':
      throw unreadable('The upstream told of a task without its status.');
  }
  return stateOfUnknownWord(status);
}

function follow(value: WireObject, ref: TaskRef): TaskState {
  const fileId = idOf(value['file_id']);
  if (fileId === undefined) throw unreadable('The upstream reports a success without a file.');
  return { state: 'follow', ref: { ...ref, fileId } };
}

/** The length of the video is not told. */
function stateOfFile(value: WireObject): TaskState {
  const file = value['file'];
  const url = isObject(file) ? file['download_url'] : undefined;
  if (!isText(url)) throw unreadable('The upstream named a file without a link to it.');
  return { state: 'succeeded', outputs: [{ url }], usage: {} };
}
