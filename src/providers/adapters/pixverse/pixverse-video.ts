import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText } from '../openai-compatible/wire.js';
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

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, negativePrompt, aspectRatio, resolution, durationSeconds, hasAudio, seed, options } = request;
  const body = {
    ...options,
    model: pixverseNameOf(upstreamModel),
    prompt,
    negative_prompt: negativePrompt,
    quality: resolution,
    duration: durationSeconds,
    aspect_ratio: aspectRatio ?? RATIO_DEFAULT,
    seed,
    generate_audio_switch: pixverseModelOf(upstreamModel)?.audio === 'optional' ? hasAudio : undefined,
  };
  return {
    method: 'POST',
    path: '/openapi/v2/video/text/generate',
    headers: { [TRACE_HEADER]: request.externalId },
    body: JSON.stringify(body),
  };
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
