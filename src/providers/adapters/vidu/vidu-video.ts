import { isObject } from '../../../common/is-object.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { viduCallback } from './vidu-callback.js';
import { isGoneAtVidu, readViduAnswer, toViduError, VIDU_ERRORS, viduFailureKindOf } from './vidu-errors.js';
import { viduModelOf } from './vidu-models.js';

/** Videos by Vidu, https://platform.vidu.com/docs. It keeps our id as the task's payload, and cannot be asked by it. */
export const viduVideo: VideoOperation = {
  defaultModel: 'viduq3-turbo',
  modelOf: viduModelOf,
  errors: VIDU_ERRORS,
  note: 'Callbacks are signed with the API key itself: `VIDU_CALLBACK_SECRET` has the value of `VIDU_API_KEY`.',
  linksLastHours: 24,
  toSubmit,
  fromSubmit: (answer) => {
    const id = readViduAnswer(answer)['task_id'];
    if (!isText(id)) throw unreadable('Vidu accepted the task and did not name it.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: `${pathOf(ref)}/creations` }),
  fromStatus,
  cancel: {
    states: ['queued'],
    // Two places are told of this call; this one is the newer.
    toCall: (ref) => ({ method: 'POST', path: `${pathOf(ref)}/cancel`, body: JSON.stringify({ id: ref['id'] }) }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toViduError(answer);
    },
  },
  callback: viduCallback,
};

function pathOf({ id }: TaskRef): string {
  return `/ent/v2/tasks/${encodeURIComponent(String(id))}`;
}

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio, durationSeconds, resolution, hasAudio, seed, options } = request;
  const pictures = [image, lastFrame].filter((picture) => picture !== undefined).map(pictureAddress);
  const body = {
    // First, so that nothing that is priced can be said twice.
    ...options,
    model: upstreamModel,
    prompt: prompt === '' ? undefined : prompt,
    images: pictures.length === 0 ? undefined : pictures,
    duration: durationSeconds,
    resolution,
    aspect_ratio: aspectRatio,
    audio: viduModelOf(upstreamModel)?.audio === 'optional' ? hasAudio : undefined,
    seed,
    payload: request.externalId,
    callback_url: request.callbackUrl,
  };
  const mode = lastFrame !== undefined ? 'start-end2video' : image !== undefined ? 'img2video' : 'text2video';
  return { method: 'POST', path: `/ent/v2/${mode}`, body: JSON.stringify(body) };
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (answer.status === 404) {
    const error = toViduError(answer);
    if (!isGoneAtVidu(error)) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  const task = readViduAnswer(answer);
  const word = task['state'];
  if (!isText(word)) throw unreadable('Vidu says nothing of the state of the task.');
  switch (word) {
    case 'created':
    case 'queueing':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'success':
      return { state: 'succeeded', outputs: [{ url: readUrl(task) }], usage: {} };
    case 'failed':
      return readFailure(task['err_code']);
    default:
      return stateOfUnknownWord(word);
  }
}

/** The file without the watermark that a second link has. */
function readUrl({ creations }: WireObject): string {
  const first: unknown = Array.isArray(creations) ? creations[0] : undefined;
  const url = isObject(first) ? first['url'] : undefined;
  if (!isText(url)) throw unreadable('Vidu calls the task a success and gives no video.');
  return url;
}

function readFailure(code: unknown): TaskState {
  if (!isText(code)) return { state: 'failed', kind: 'failed', message: 'Vidu gives no reason.' };
  if (code === 'UserCancelled') return { state: 'cancelled' };
  return { state: 'failed', kind: viduFailureKindOf(code), code, message: `Vidu gives the reason ${code}.` };
}
