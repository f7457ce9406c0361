import { isObject } from '../../../common/is-object.js';
import { findErrorRow } from '../../canonical/error-row.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskFailureKind, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';
import { ZHIPU_ERROR_RULES, ZHIPU_ERRORS } from './zhipu-errors.js';
import { zhipuModelOf, zhipuSizeOf } from './zhipu-models.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Videos of Zhipu, CogVideoX and Vidu: https://docs.bigmodel.cn/api-reference and https://docs.z.ai/api-reference/video/generate-video.
 * The hub's id goes along as `request_id`, by which a second submission of a job is refused; that a task can be asked after by it is
 * in no document.
 */
export const zhipuVideo: VideoOperation = {
  defaultModel: 'cogvideox-3',
  modelOf: (name) => zhipuModelOf(name)?.video,
  errors: ZHIPU_ERRORS,
  note: 'A task that waits is told like one that is at work. At 1080p a video keeps the shape of its picture.',
  toSubmit,
  fromSubmit: (answer) => {
    const { id } = readZhipuTask(answer);
    if (typeof id !== 'string' || id === '') throw unreadable('Zhipu took the task on without naming its id.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: `/async-result/${encodeURIComponent(idOf(ref))}` }),
  fromStatus,
};

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const model = zhipuModelOf(upstreamModel);
  if (model === undefined) {
    const message = `Zhipu has no video model "${upstreamModel}" that the hub knows.`;
    throw new ProviderError({ kind: 'model_missing', message });
  }
  const { prompt, durationSeconds, resolution, aspectRatio, hasAudio, image, endUser, externalId, options } = request;
  const body = {
    // First, so that nothing that is priced can be said twice.
    ...options,
    model: upstreamModel,
    prompt: prompt === '' ? undefined : prompt,
    image_url: picturesOf(request),
    size: zhipuSizeOf(model, resolution, aspectRatio, image !== undefined),
    aspect_ratio: model.hasRatioField ? aspectRatio : undefined,
    duration: durationSeconds,
    with_audio: model.video.audio === 'optional' ? hasAudio : undefined,
    request_id: externalId,
    user_id: endUser,
  };
  return { method: 'POST', path: '/videos/generations', body: JSON.stringify(body) };
}

/** Two are the first frame and the last. */
function picturesOf({ image, lastFrame }: VideoRequest): string | readonly string[] | undefined {
  if (image === undefined) return undefined;
  return lastFrame === undefined ? pictureAddress(image) : [pictureAddress(image), pictureAddress(lastFrame)];
}

/** @throws Error for a reference that this adapter did not make. */
function idOf({ id }: TaskRef): string {
  if (typeof id !== 'string') throw new Error('This is no reference of a task at Zhipu.');
  return id;
}

/** @throws ProviderError for a refusal, and for what is no JSON object. */
function readZhipuTask(answer: TaskAnswer): Fields {
  if (answer.status < 200 || answer.status > 299) throw toTaskError(answer, ZHIPU_ERRORS, ZHIPU_ERROR_RULES);
  return readTaskAnswer(answer);
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (answer.status === 400 || answer.status === 404) {
    const error = toTaskError(answer, ZHIPU_ERRORS, ZHIPU_ERROR_RULES);
    if (!saysThatItIsGone(error)) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  const task = readZhipuTask(answer);
  const word = task['task_status'];
  switch (word) {
    case 'PROCESSING':
      return { state: 'processing' };
    case 'SUCCESS':
      return { state: 'succeeded', outputs: outputsOf(task), usage: {} };
    case 'FAIL':
      return failureOf(task);
  }
  if (typeof word !== 'string' || word === '') throw unreadable('Zhipu says nothing of the state of the task.');
  return stateOfUnknownWord(word, readErrorBody({ error: task['error'] }).message);
}

/** A question has nothing that could be wrong but its id. */
function saysThatItIsGone({ status = 0, code }: ProviderError): boolean {
  return code !== undefined && findErrorRow(ZHIPU_ERRORS, status, code)?.call === 'submit';
}

function outputsOf(task: Fields): { readonly url: string }[] {
  const videos = Array.isArray(task['video_result']) ? task['video_result'] : [];
  const outputs = videos.map((video: unknown) => {
    const url = isObject(video) ? video['url'] : undefined;
    if (typeof url !== 'string' || !URL.canParse(url)) throw unreadable('Zhipu gives no address of its video.');
    return { url };
  });
  if (outputs.length === 0) throw unreadable('Zhipu calls the task a success and gives no video.');
  return outputs;
}

function failureOf(task: Fields): TaskState {
  const { code, message = 'Zhipu gives no reason.' } = readErrorBody({ error: task['error'] });
  return { state: 'failed', kind: failureKindOf(code), ...(code === undefined ? {} : { code }), message };
}

function failureKindOf(code: string | undefined): TaskFailureKind {
  const kind = findErrorRow(ZHIPU_ERRORS, 400, code)?.kind;
  return kind === 'content_refused' || kind === 'invalid_request' ? kind : 'failed';
}
