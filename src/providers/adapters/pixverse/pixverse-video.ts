import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText } from '../openai-compatible/wire.js';
import { type FormPart, toForm } from '../tasks/multipart-form.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { NO_SUCH_VIDEO, PIXVERSE_ERRORS, readPixverseAnswer } from './pixverse-errors.js';
import { pixverseModelOf, pixverseNameOf } from './pixverse-models.js';
import { TRACE_HEADER } from './pixverse-sign.js';

/** The shape of a video whose shape was left open: PixVerse wants one named. */
const RATIO_DEFAULT = '16:9';

/**
 * Videos by PixVerse, https://docs.platform.pixverse.ai. Videos cannot be called off. Its callbacks are set up in its console, and the
 * order of what they sign is not documented: they are not taken.
 */
export const pixverseVideo: VideoOperation = {
  defaultModel: 'pixverse-v6',
  modelOf: pixverseModelOf,
  errors: PIXVERSE_ERRORS,
  uploads: { toCalls: toUploads, fromAnswer: readPictureId },
  toSubmit,
  fromSubmit: (answer) => {
    const value = readPixverseAnswer(answer);
    const id = isObject(value) ? idOf(value['video_id']) : undefined;
    if (id === undefined) throw unreadable('PixVerse accepted the video and did not name it.');
    return { id };
  },
  toStatus: ({ id }) => ({ method: 'GET', path: `/openapi/v2/video/result/${encodeURIComponent(String(id))}` }),
  fromStatus,
};

/** Pictures are named by the numbers that uploads give them; of an address PixVerse fetches the picture itself. */
function toUploads({ image, lastFrame, externalId }: VideoRequest): readonly TaskCall[] {
  return [image, lastFrame]
    .filter((picture) => picture !== undefined)
    .map((picture, i) => {
      const part: FormPart = picture.kind === 'url' ? ['image_url', picture.url] : ['image', picture];
      const { headers, body } = toForm([part]);
      const traced = { ...headers, [TRACE_HEADER]: `${externalId}-${i}` };
      return { method: 'POST', path: '/openapi/v2/image/upload', headers: traced, body };
    });
}

function readPictureId(answer: TaskAnswer): string {
  const value = readPixverseAnswer(answer);
  const id = isObject(value) ? value['img_id'] : undefined;
  // As a number it is named in the task: one that JSON has no number for would name another picture.
  if (typeof id !== 'number' || !Number.isSafeInteger(id))
    throw unreadable('PixVerse took the picture and did not name it.');
  return String(id);
}

function toSubmit(request: VideoRequest, { upstreamModel }: Target, uploads: readonly string[] = []): TaskCall {
  const { prompt, negativePrompt, resolution, durationSeconds, hasAudio, seed, options } = request;
  const body = {
    ...options,
    model: pixverseNameOf(upstreamModel),
    prompt,
    negative_prompt: negativePrompt,
    quality: resolution,
    duration: durationSeconds,
    ...toPictures(request, uploads.map(Number)),
    seed,
    generate_audio_switch: pixverseModelOf(upstreamModel)?.audio === 'optional' ? hasAudio : undefined,
  };
  return {
    method: 'POST',
    path: `/openapi/v2/video/${wayOf(request)}/generate`,
    headers: { [TRACE_HEADER]: request.externalId },
    body: JSON.stringify(body),
  };
}

/** Each way of making a video is an address of its own. */
function wayOf({ image, lastFrame }: VideoRequest): 'text' | 'img' | 'transition' {
  if (image === undefined) return 'text';
  return lastFrame === undefined ? 'img' : 'transition';
}

/** The shape is that of the pictures, where there are some. */
function toPictures(request: VideoRequest, [first, last]: readonly number[]): Readonly<Record<string, unknown>> {
  switch (wayOf(request)) {
    case 'text':
      return { aspect_ratio: request.aspectRatio ?? RATIO_DEFAULT };
    case 'img':
      return { img_id: first };
    case 'transition':
      return { first_frame_img: first, last_frame_img: last };
  }
}

function fromStatus(answer: TaskAnswer): TaskState {
  let video: unknown;
  try {
    video = readPixverseAnswer(answer);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== NO_SUCH_VIDEO) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  const status = isObject(video) ? idOf(video['status']) : undefined;
  if (!isObject(video) || status === undefined) throw unreadable('PixVerse says nothing of the state of the video.');
  switch (status) {
    case '1':
      return { state: 'succeeded', outputs: [{ url: readUrl(video['url']) }], usage: {} };
    case '5':
      return { state: 'processing' };
    case '6':
      return { state: 'failed', kind: 'expired', code: status, message: 'PixVerse has deleted the video.' };
    case '7':
      return {
        state: 'failed',
        kind: 'content_refused',
        code: status,
        message: 'The moderation of PixVerse refused it.',
      };
    case '8':
      return { state: 'failed', kind: 'failed', code: status, message: 'PixVerse gives no reason.' };
    default:
      return stateOfUnknownWord(status);
  }
}

function readUrl(url: unknown): string {
  if (!isText(url)) throw unreadable('PixVerse calls the video done and gives no address of it.');
  return url;
}

/** A number as text, whether it came as one or as text, since it was too large for a number. */
function idOf(value: unknown): string | undefined {
  if (isText(value)) return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
