import { isObject } from '../../../common/is-object.js';
import type { MediaInput, TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { LostSubmission } from '../../provider.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { NO_SUCH_TASK, readKlingData, toKlingError } from './kling-errors.js';
import { type KlingModel, klingModelOf } from './kling-models.js';
import { GONE, readKlingId, readVideos, toKlingState } from './kling-task.js';

/** What a resolution is called here. */
const MODES: Readonly<Record<string, string>> = { '720p': 'std', '1080p': 'pro', '4k': '4k' };

/**
 * The path by which a task is made, and the only one by which it can be asked after.
 * https://app.klingai.com/global/dev/document-api/apiReference/model/textToVideo
 */
export function classicPath({ image }: VideoRequest, model: string): string {
  if (klingModelOf(model)?.api === 'classic-omni') return '/v1/videos/omni-video';
  return image === undefined ? '/v1/videos/text2video' : '/v1/videos/image2video';
}

/** A submission in the dialect of `/v1/videos/*`: durations are texts there. */
export function toClassicSubmit(request: VideoRequest, model: string, { api, video }: KlingModel): TaskCall {
  const { prompt, negativePrompt, durationSeconds, resolution, hasAudio, options, externalId, callbackUrl } = request;
  const body = {
    // First, so that nothing that is priced can be said twice.
    ...options,
    model_name: model,
    ...(prompt === '' ? {} : { prompt }),
    negative_prompt: negativePrompt,
    ...(api === 'classic-omni' ? omniPictures(request) : pictures(request)),
    // A model with one resolution has no modes.
    ...(video.resolutions.length > 1 ? { mode: MODES[resolution] } : {}),
    ...(video.audio === 'never' ? {} : { sound: hasAudio ? 'on' : 'off' }),
    duration: String(durationSeconds),
    callback_url: callbackUrl,
    external_task_id: externalId,
  };
  return { method: 'POST', path: classicPath(request, model), body: JSON.stringify(body) };
}

function pictures({ image, lastFrame, aspectRatio }: VideoRequest): Readonly<Record<string, unknown>> {
  if (image === undefined) return { aspect_ratio: aspectRatio };
  return { image: toPicture(image), image_tail: lastFrame === undefined ? undefined : toPicture(lastFrame) };
}

/** Omni models take pictures as a list and, without a first frame, must be told the shape. */
function omniPictures({ image, lastFrame, aspectRatio }: VideoRequest): Readonly<Record<string, unknown>> {
  const list = [
    ...(image === undefined ? [] : [{ image_url: toPicture(image), type: 'first_frame' }]),
    ...(lastFrame === undefined ? [] : [{ image_url: toPicture(lastFrame), type: 'end_frame' }]),
  ];
  if (list.length === 0) return { aspect_ratio: aspectRatio ?? '16:9' };
  return { image_list: list, aspect_ratio: aspectRatio };
}

/** An address, or base64 without the prefix of a data URI. */
function toPicture(input: MediaInput): string {
  return input.kind === 'url' ? input.url : input.base64;
}

/** @throws ProviderError when the answer is a refusal or names no task. */
export function fromClassicSubmit(answer: TaskAnswer, path: string): TaskRef {
  const data = readKlingData(answer);
  const id = isObject(data) ? readKlingId(data['task_id']) : undefined;
  if (id === undefined) throw unreadable('Kling accepted the task and did not name it.');
  return { path, id };
}

/** @throws ProviderError when the state could not be learned. */
export function fromClassicStatus(answer: TaskAnswer): TaskState {
  if (isNoSuchTask(answer)) return GONE;
  const data = readKlingData(answer);
  if (!isObject(data)) throw unreadable('Kling says nothing of the task.');
  const result = data['task_result'];
  const state = { word: data['task_status'], reason: data['task_status_msg'] };
  return toKlingState(state, () => readVideos(isObject(result) ? result['videos'] : undefined));
}

/** That the place of the id takes our own id as well is in no document; a later submission under it would be refused. */
export function toClassicLookup({ request }: LostSubmission, model: string): TaskCall {
  return { method: 'GET', path: `${classicPath(request, model)}/${encodeURIComponent(request.externalId)}` };
}

/** @throws ProviderError when Kling could not be asked. */
export function fromClassicLookup(answer: TaskAnswer, externalId: string, path: string): TaskRef | 'absent' | 'unsure' {
  if (isNoSuchTask(answer)) return 'absent';
  const data = readKlingData(answer);
  const info = isObject(data) ? data['task_info'] : undefined;
  const isOurs = isObject(info) && info['external_task_id'] === externalId;
  const id = isObject(data) && isOurs ? readKlingId(data['task_id']) : undefined;
  return id === undefined ? 'unsure' : { path, id };
}

/** True when Kling itself says so, by its code; a bare 404 may be anybody's on the way. */
export function isNoSuchTask(answer: TaskAnswer): boolean {
  return toKlingError(answer).code === NO_SUCH_TASK;
}
