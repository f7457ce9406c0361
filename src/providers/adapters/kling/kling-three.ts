import { isObject } from '../../../common/is-object.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { LostSubmission } from '../../provider.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { isNoSuchTask } from './kling-classic.js';
import { readKlingData } from './kling-errors.js';
import type { KlingModel } from './kling-models.js';
import { GONE, readKlingId, readVideos, toKlingState } from './kling-task.js';

/** A submission in the dialect of Kling 3.x: the model is in the path, durations are whole numbers. */
export function toThreeSubmit(request: VideoRequest, model: string, { api, video }: KlingModel): TaskCall {
  const { image, aspectRatio, durationSeconds, resolution, hasAudio, options, externalId, callbackUrl } = request;
  const isOmni = api === 'three-omni';
  const { watermark_info, ...settings } = options;
  // An omni model that sees no first frame must be told the shape.
  const shape = isOmni && image === undefined ? (aspectRatio ?? '16:9') : aspectRatio;
  const body = {
    ...(isOmni || image !== undefined ? { contents: contentsOf(request) } : { prompt: request.prompt }),
    settings: {
      ...settings,
      resolution,
      aspect_ratio: shape,
      duration: durationSeconds,
      // A model that always makes sound is not asked.
      audio: video.audio === 'optional' ? (hasAudio ? 'native' : 'off') : undefined,
    },
    options: { watermark_info, callback_url: callbackUrl, external_task_id: externalId },
  };
  const family = isOmni ? 'omni-video' : image === undefined ? 'text-to-video' : 'image-to-video';
  return { method: 'POST', path: `/${family}/${encodeURIComponent(model)}`, body: JSON.stringify(body) };
}

function contentsOf({ prompt, image, lastFrame }: VideoRequest): readonly object[] {
  return [
    ...(prompt === '' ? [] : [{ type: 'prompt', text: prompt }]),
    ...(image?.kind === 'url' ? [{ type: 'first_frame', url: image.url }] : []),
    ...(lastFrame?.kind === 'url' ? [{ type: 'last_frame', url: lastFrame.url }] : []),
  ];
}

/** @throws ProviderError when the answer is a refusal or names no task. */
export function fromThreeSubmit(answer: TaskAnswer): TaskRef {
  const data = readKlingData(answer);
  const id = isObject(data) ? readKlingId(data['id']) : undefined;
  if (id === undefined) throw unreadable('Kling accepted the task and did not name it.');
  return { id };
}

/** One path asks after the tasks of every model. */
export function toThreeStatus(id: string): TaskCall {
  return { method: 'GET', path: `/tasks?task_ids=${encodeURIComponent(id)}` };
}

/** @throws ProviderError when the state could not be learned. */
export function fromThreeStatus(answer: TaskAnswer, id: string): TaskState {
  if (isNoSuchTask(answer)) return GONE;
  const tasks = readTasks(answer);
  if (tasks.length === 0) return GONE;
  const task = tasks.find((candidate) => readKlingId(candidate['id']) === id);
  if (task === undefined) throw unreadable('Kling tells of other tasks than it was asked for.');
  return toKlingState({ word: task['status'], reason: task['message'] }, () => readVideos(task['outputs']));
}

/** Kling 3.x can be asked for a task by the id that we gave it. */
export function toThreeLookup({ request }: LostSubmission): TaskCall {
  return { method: 'GET', path: `/tasks?external_task_ids=${encodeURIComponent(request.externalId)}` };
}

/** @throws ProviderError when Kling could not be asked. */
export function fromThreeLookup(answer: TaskAnswer, externalId: string): TaskRef | 'absent' | 'unsure' {
  if (isNoSuchTask(answer)) return 'absent';
  const tasks = readTasks(answer);
  if (tasks.length === 0) return 'absent';
  const task = tasks.find((one) => one['external_id'] === externalId || one['external_task_id'] === externalId);
  const id = readKlingId(task?.['id']);
  return id === undefined ? 'unsure' : { id };
}

/** Three adapters read a list, one note shows a single object. @throws ProviderError when it is neither. */
function readTasks(answer: TaskAnswer): readonly Readonly<Record<string, unknown>>[] {
  const data = readKlingData(answer);
  const tasks: unknown[] = Array.isArray(data) ? data : [data];
  if (!tasks.every(isObject)) throw unreadable('Kling says nothing of the task.');
  return tasks;
}
