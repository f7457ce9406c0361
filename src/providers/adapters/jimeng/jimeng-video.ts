import type { TaskCall, VideoModel, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { allOf, followsImage, needsFirstFrame, needsTextOrImage, type VideoRule } from '../tasks/video-rules.js';
import { JIMENG_ERRORS } from './jimeng-errors.js';
import { fromJimengStatus, fromJimengSubmit, picturesOf, toJimengStatus, toJimengSubmit } from './jimeng-task.js';

/** The shape of a video of text whose shape was left open, named all the same so that no default can change. */
const RATIO_DEFAULT = '16:9';
const FRAMES_PER_SECOND = 24;

const inOneForm: VideoRule = ({ image, lastFrame }) =>
  image !== undefined && lastFrame !== undefined && image.kind !== lastFrame.kind
    ? { param: 'lastFrame', message: 'Jimeng takes both frames by address, or both in the request.' }
    : undefined;

const PRO: VideoModel = {
  durations: [5, 10],
  durationDefault: 5,
  resolutions: ['1080p'],
  resolutionDefault: '1080p',
  aspectRatios: ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: true,
  countMax: 1,
  promptCharsMax: 800,
  options: [],
  refusal: allOf(needsTextOrImage, followsImage),
};

/** What Jimeng sells as 3.0 are six services, one for each kind of input and resolution. */
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  [
    'jimeng-video-3.0',
    {
      ...PRO,
      resolutions: ['720p', '1080p'],
      resolutionDefault: '720p',
      hasLastFrame: true,
      refusal: allOf(needsTextOrImage, needsFirstFrame, followsImage, inOneForm),
    },
  ],
  ['jimeng-video-3.0-pro', PRO],
]);

/** Videos by Jimeng. A reference is `{ reqKey, taskId }`. Tasks cannot be called off, and nothing tells of their end. */
export const jimengVideo: VideoOperation = {
  defaultModel: 'jimeng-video-3.0',
  modelOf: (name) => MODELS.get(name),
  note: 'The credential is `ACCESS_KEY:SECRET_KEY`; each request is signed. A task is known for 12 hours.',
  linksLastHours: 1,
  errors: JIMENG_ERRORS,
  toSubmit,
  fromSubmit: (answer, request, target) => fromJimengSubmit(answer, serviceOf(request, target)),
  toStatus: (ref) => toJimengStatus(ref),
  fromStatus: (answer) =>
    fromJimengStatus(answer, ({ video_url: url }) => {
      if (!isText(url)) throw unreadable('Jimeng calls the video done and gives no address of it.');
      return [{ url }];
    }),
};

function toSubmit(request: VideoRequest, target: Target): TaskCall {
  const { prompt, image, lastFrame, seed, durationSeconds, aspectRatio } = request;
  return toJimengSubmit({
    req_key: serviceOf(request, target),
    ...(prompt !== '' && { prompt }),
    ...picturesOf([image, lastFrame].filter((picture) => picture !== undefined)),
    seed,
    // One more than there are in whole seconds.
    frames: durationSeconds * FRAMES_PER_SECOND + 1,
    aspect_ratio: image === undefined ? (aspectRatio ?? RATIO_DEFAULT) : undefined,
  });
}

/** The service that makes it. Those of 1080p are not all named alike. */
function serviceOf({ image, lastFrame, resolution }: VideoRequest, { upstreamModel }: Target): string {
  if (upstreamModel === 'jimeng-video-3.0-pro') return 'jimeng_ti2v_v30_pro';
  const isLarge = resolution === '1080p';
  if (image === undefined) return isLarge ? 'jimeng_t2v_v30_1080p' : 'jimeng_t2v_v30';
  const kind = lastFrame === undefined ? 'first' : 'first_tail';
  return `jimeng_i2v_${kind}_v30${isLarge ? '_1080' : ''}`;
}
