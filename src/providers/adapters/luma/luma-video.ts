import { isObject } from '../../../common/is-object.js';
import type { ErrorRow } from '../../canonical/error-row.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type {
  MediaInput,
  TaskAnswer,
  TaskCall,
  TaskFailureKind,
  TaskState,
  VideoModel,
  VideoRequest,
} from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { allOf, needsText, optionsAre, SWITCH, type VideoRule } from '../tasks/video-rules.js';
import { isNoSuchGeneration, LUMA_GONE, lumaPathOf, NO_REASON, readLumaAnswer, readLumaRef } from './luma-answer.js';

/** https://docs.agents.lumalabs.ai/guides/error-handling. Codes are the hub's, for what only a text tells. */
export const LUMA_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'content_moderated', 'content_refused', 'its text speaks of moderation'),
  errorRow(400, '', 'invalid_request', 'a parameter is wrong'),
  errorRow(401, '', 'credential', 'the key is wrong or missing'),
  errorRow(402, '', 'out_of_money', 'not enough credits'),
  errorRow(403, '', 'credential', 'the account is suspended, or its plan does not allow it'),
  errorRow(404, '', 'model_missing', 'there is no such thing; of a generation, that it is gone', { call: 'submit' }),
  errorRow(413, '', 'invalid_request', 'a picture is too large'),
  errorRow(422, '', 'invalid_request', 'a picture is broken, or parameters do not go together'),
  errorRow(429, '', 'rate_limited', 'too many requests, or generations at a time'),
  errorRow(502, '', 'overloaded', 'a service behind it is away', { isDefinite: false }),
  errorRow(503, '', 'overloaded', 'pictures cannot be taken in', { isDefinite: false }),
];

/** `failure_code`s that find fault with the request; others but moderation are the service's own. */
const FAULTS: ReadonlySet<string> = new Set([
  'image_too_large',
  'unsupported_format',
  'corrupt_input',
  'invalid_request',
]);

const isShortWithFrames: VideoRule = ({ image, lastFrame, durationSeconds }) =>
  durationSeconds > 5 && (image !== undefined || lastFrame !== undefined)
    ? { param: 'duration', message: 'With a first or a last frame a video is 5 seconds long.' }
    : undefined;

/** https://docs.agents.lumalabs.ai/guides/models. `hdr` is not offered: it is priced differently. */
const RAY_32: VideoModel = {
  durations: [5, 10],
  durationDefault: 5,
  resolutions: ['360p', '540p', '720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16', '4:3', '3:4', '1:1', '21:9'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 6_000,
  options: ['loop'],
  refusal: allOf(needsText, isShortWithFrames, optionsAre({ loop: SWITCH })),
};
const MODEL = 'ray-3.2';

/** Videos by Luma Agents, https://docs.agents.lumalabs.ai. Generations cannot be called off. */
export const lumaVideo: VideoOperation = {
  defaultModel: MODEL,
  modelOf: (name) => (name === MODEL ? RAY_32 : undefined),
  errors: LUMA_ERRORS,
  linksLastHours: 1,
  toSubmit,
  fromSubmit: (answer) => readLumaRef(answer, LUMA_ERRORS),
  toStatus: (ref) => ({ method: 'GET', path: lumaPathOf(ref) }),
  fromStatus,
};

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio, resolution, durationSeconds, options } = request;
  const body = {
    model: upstreamModel,
    type: 'video',
    prompt,
    aspect_ratio: aspectRatio,
    video: {
      ...options,
      resolution,
      // A text here.
      duration: `${durationSeconds}s`,
      start_frame: image && toReference(image),
      end_frame: lastFrame && toReference(lastFrame),
    },
  };
  return { method: 'POST', path: '/generations', body: JSON.stringify(body) };
}

function toReference(input: MediaInput): object {
  return input.kind === 'url' ? { url: input.url } : { data: input.base64, media_type: input.contentType };
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (isNoSuchGeneration(answer)) return LUMA_GONE;
  const generation = readLumaAnswer(answer, LUMA_ERRORS);
  const word = generation['state'];
  if (!isText(word)) throw unreadable('Luma says nothing of the state of the generation.');
  switch (word) {
    case 'queued':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'completed':
      return { state: 'succeeded', outputs: [{ url: readUrl(generation['output']) }], usage: {} };
    case 'failed':
      return readFailure(generation);
    default:
      return stateOfUnknownWord(word);
  }
}

function readUrl(output: unknown): string {
  const list: readonly unknown[] = Array.isArray(output) ? output : [];
  const url = list.filter(isObject).find(({ type }) => type === 'video')?.['url'];
  if (!isText(url)) throw unreadable('Luma calls the generation completed and gives no video.');
  return url;
}

function readFailure({ failure_code: code, failure_reason: reason }: WireObject): TaskState {
  const message = isText(reason) ? reason : NO_REASON;
  return isText(code)
    ? { state: 'failed', kind: kindOf(code), code, message }
    : { state: 'failed', kind: 'failed', message };
}

function kindOf(code: string): TaskFailureKind {
  if (code === 'content_moderated') return 'content_refused';
  return FAULTS.has(code) ? 'invalid_request' : 'failed';
}
