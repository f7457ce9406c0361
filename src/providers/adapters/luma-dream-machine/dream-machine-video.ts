import { isObject } from '../../../common/is-object.js';
import type { ErrorRow } from '../../canonical/error-row.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { MediaInput, TaskAnswer, TaskCall, TaskState, VideoModel, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import {
  isNoSuchGeneration,
  LUMA_GONE,
  lumaPathOf,
  NO_REASON,
  readLumaAnswer,
  readLumaRef,
  toLumaError,
} from '../luma/luma-answer.js';
import { isText } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { allOf, needsTextOrImage, optionsAre, SWITCH } from '../tasks/video-rules.js';

/** https://docs.lumalabs.ai/docs/errors. Codes are the hub's, for what only a text tells. */
export const DREAM_MACHINE_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'insufficient_credits', 'out_of_money', 'its text says that the account has too few credits'),
  errorRow(400, 'content_moderated', 'content_refused', 'its text speaks of moderation'),
  errorRow(400, '', 'invalid_request', 'a parameter is wrong'),
  errorRow(401, '', 'credential', 'the key is wrong or missing'),
  errorRow(403, '', 'credential', 'the key may not do this'),
  errorRow(404, '', 'model_missing', 'there is no such thing; of a generation, that it is gone', { call: 'submit' }),
  errorRow(422, '', 'invalid_request', 'the body is not of the right form'),
  errorRow(429, '', 'rate_limited', 'too many requests, or generations at a time'),
  errorRow(500, '', 'overloaded', 'a fault of the service', { isDefinite: false }),
];

/** By this a reason tells that a review refused the prompt or the video. */
const REFUSED_TEXT = /moderat|content (?:guideline|polic)|nsfw|unsafe/i;

const isConcepts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isObject(one) && isText(one['key']));

const RAY_2: VideoModel = {
  durations: [5, 9],
  durationDefault: 5,
  resolutions: ['540p', '720p', '1080p', '4k'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16', '4:3', '3:4', '1:1', '21:9', '9:21'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 5_000,
  options: ['loop', 'concepts'],
  refusal: allOf(
    needsTextOrImage,
    optionsAre({ loop: SWITCH, concepts: { is: isConcepts, what: 'a list of objects with a "key"' } }),
  ),
};
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  ['ray-2', RAY_2],
  ['ray-flash-2', RAY_2],
]);

/** Videos by Luma's older API, https://docs.lumalabs.ai/docs/video-generation. It does not sign its callbacks. */
export const dreamMachineVideo: VideoOperation = {
  defaultModel: 'ray-2',
  modelOf: (name) => MODELS.get(name),
  errors: DREAM_MACHINE_ERRORS,
  note: 'Luma has declared this API deprecated in favour of Luma Agents. A generation that is called off is forgotten.',
  toSubmit,
  fromSubmit: (answer) => readLumaRef(answer, DREAM_MACHINE_ERRORS),
  toStatus: (ref) => ({ method: 'GET', path: lumaPathOf(ref) }),
  fromStatus,
  cancel: {
    // The same call deletes a generation that is over.
    states: ['queued', 'processing'],
    toCall: (ref) => ({ method: 'DELETE', path: lumaPathOf(ref) }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toLumaError(answer, DREAM_MACHINE_ERRORS);
    },
  },
};

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio, resolution, durationSeconds, options } = request;
  const hasFrames = image !== undefined || lastFrame !== undefined;
  const body = {
    ...options,
    model: upstreamModel,
    prompt: prompt === '' ? undefined : prompt,
    aspect_ratio: aspectRatio,
    resolution,
    // A text here.
    duration: `${durationSeconds}s`,
    keyframes: hasFrames ? { frame0: toFrame(image), frame1: toFrame(lastFrame) } : undefined,
  };
  return { method: 'POST', path: '/generations/video', body: JSON.stringify(body) };
}

/** Pictures that came as bytes are refused before: the model takes addresses only. */
function toFrame(input: MediaInput | undefined): object | undefined {
  return input?.kind === 'url' ? { type: 'image', url: input.url } : undefined;
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (isNoSuchGeneration(answer)) return LUMA_GONE;
  const { state: word, assets, failure_reason: reason } = readLumaAnswer(answer, DREAM_MACHINE_ERRORS);
  if (!isText(word)) throw unreadable('Luma says nothing of the state of the generation.');
  switch (word) {
    case 'queued':
      return { state: 'queued' };
    case 'dreaming':
      return { state: 'processing' };
    case 'completed':
      return { state: 'succeeded', outputs: [{ url: readUrl(assets) }], usage: {} };
    case 'failed':
      return readFailure(reason);
    default:
      return stateOfUnknownWord(word);
  }
}

function readUrl(assets: unknown): string {
  const url = isObject(assets) ? assets['video'] : undefined;
  if (!isText(url)) throw unreadable('Luma calls the generation completed and gives no video.');
  return url;
}

function readFailure(reason: unknown): TaskState {
  if (!isText(reason)) return { state: 'failed', kind: 'failed', message: NO_REASON };
  return { state: 'failed', kind: REFUSED_TEXT.test(reason) ? 'content_refused' : 'failed', message: reason };
}
