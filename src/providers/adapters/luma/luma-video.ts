import type { TaskCall, VideoModel, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { allOf, needsText, optionsAre, SWITCH, type VideoRule } from '../tasks/video-rules.js';
import { generationsOf, toReference } from './luma-generation.js';

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
  ...generationsOf('video'),
  toSubmit,
};

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio, resolution, durationSeconds, options, endUser } = request;
  const body = {
    model: upstreamModel,
    type: 'video',
    prompt,
    aspect_ratio: aspectRatio,
    user_id: endUser,
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
