import type { VideoModel } from '../../canonical/video.js';
import {
  allOf,
  followsImage,
  needsFirstFrame,
  needsText,
  needsTextOrImage,
  type VideoRule,
} from '../tasks/video-rules.js';
import { refuseOptions } from './kling-options.js';

/** How a model is reached: the older API, its part for omni models, and the same two of the 3.x API. */
export type KlingApi = 'classic' | 'classic-omni' | 'three' | 'three-omni';

/** A model of Kling. */
export interface KlingModel {
  readonly api: KlingApi;
  readonly video: VideoModel;
}

const RATIOS = ['16:9', '9:16', '1:1'];
const THREE_TO_FIFTEEN = { min: 3, max: 15 };
/** What makes the vendor's name safe in a path. */
const NAME = /^kling-[a-z0-9][a-z0-9.-]{0,60}$/;

const lastFrameOnlyPro: VideoRule = ({ lastFrame, resolution }) =>
  lastFrame !== undefined && resolution === '720p'
    ? { param: 'resolution', message: 'This model of Kling takes a last frame only at 1080p.' }
    : undefined;
const audioOnlyPro: VideoRule = ({ hasAudio, resolution }) =>
  hasAudio && resolution === '720p'
    ? { param: 'resolution', message: 'This model of Kling makes sound only at 1080p.' }
    : undefined;

function firstOf(...rules: readonly VideoRule[]): VideoRule {
  return allOf(...rules, refuseOptions);
}

const CLASSIC: VideoModel = {
  durations: [5, 10],
  durationDefault: 5,
  resolutions: ['720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: RATIOS,
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: true,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 2_500,
  options: ['watermark_info'],
  refusal: firstOf(needsTextOrImage, needsFirstFrame, followsImage, lastFrameOnlyPro),
};

/** Without the mode that makes the others 1080p. */
const MASTER: VideoModel = { ...CLASSIC, hasLastFrame: false };

const CLASSIC_OMNI: VideoModel = {
  ...CLASSIC,
  hasNegativePrompt: false,
  refusal: firstOf(needsText, needsFirstFrame),
};

/** Pictures by address only: whether this API takes them inside the request is not documented. */
const THREE: VideoModel = {
  ...CLASSIC,
  durations: THREE_TO_FIFTEEN,
  resolutions: ['720p', '1080p', '4k'],
  imageForms: ['url'],
  audio: 'optional',
  hasNegativePrompt: false,
  promptCharsMax: 3_072,
  options: ['multi_shot', 'watermark_info'],
  refusal: firstOf(needsTextOrImage, needsFirstFrame, followsImage),
};

const MODELS: ReadonlyMap<string, KlingModel> = new Map<string, KlingModel>([
  ['kling-v1', { api: 'classic', video: { ...CLASSIC, options: ['cfg_scale', 'camera_control', ...CLASSIC.options] } }],
  [
    'kling-v1-5',
    {
      api: 'classic',
      video: {
        ...CLASSIC,
        image: 'required',
        aspectRatios: [],
        options: ['cfg_scale', 'camera_control', ...CLASSIC.options],
      },
    },
  ],
  ['kling-v1-6', { api: 'classic', video: { ...CLASSIC, options: ['cfg_scale', ...CLASSIC.options] } }],
  ['kling-v2-master', { api: 'classic', video: { ...MASTER, resolutions: ['720p'] } }],
  ['kling-v2-1', { api: 'classic', video: { ...CLASSIC, image: 'required', aspectRatios: [] } }],
  ['kling-v2-1-master', { api: 'classic', video: { ...MASTER, resolutions: ['1080p'], resolutionDefault: '1080p' } }],
  ['kling-v2-5-turbo', { api: 'classic', video: CLASSIC }],
  [
    'kling-v2-6',
    {
      api: 'classic',
      video: {
        ...CLASSIC,
        audio: 'optional',
        refusal: firstOf(needsTextOrImage, needsFirstFrame, followsImage, lastFrameOnlyPro, audioOnlyPro),
      },
    },
  ],
  [
    'kling-v3',
    {
      api: 'classic',
      video: {
        ...CLASSIC,
        durations: THREE_TO_FIFTEEN,
        resolutions: THREE.resolutions,
        audio: 'optional',
        options: ['multi_shot', 'shot_type', 'multi_prompt', 'element_list', ...CLASSIC.options],
        refusal: firstOf(needsTextOrImage, needsFirstFrame, followsImage),
      },
    },
  ],
  [
    'kling-v3-omni',
    {
      api: 'classic-omni',
      video: {
        ...CLASSIC_OMNI,
        durations: THREE_TO_FIFTEEN,
        resolutions: THREE.resolutions,
        audio: 'optional',
        options: ['multi_shot', 'shot_type', 'multi_prompt', 'element_list', ...CLASSIC.options],
      },
    },
  ],
  ['kling-video-o1', { api: 'classic-omni', video: CLASSIC_OMNI }],
  ['kling-3.0', { api: 'three', video: THREE }],
  [
    'kling-3.0-turbo',
    {
      api: 'three',
      video: {
        ...THREE,
        resolutions: ['720p', '1080p'],
        hasLastFrame: false,
        audio: 'always',
        audioDefault: true,
      },
    },
  ],
  ['kling-3.0-omni', { api: 'three-omni', video: { ...THREE, refusal: firstOf(needsText, needsFirstFrame) } }],
]);

/** What every model of Kling so far can do, for names that are newer than this table. */
const UNKNOWN: VideoModel = {
  ...CLASSIC,
  durations: [5],
  resolutions: ['720p'],
  hasLastFrame: false,
  imageForms: ['url'],
  hasNegativePrompt: false,
};

/** A model by its upstream name; undefined when it is none of Kling's for videos. */
export function klingModelOf(name: string): KlingModel | undefined {
  const known = MODELS.get(name);
  if (known !== undefined) return known;
  if (!NAME.test(name) || /image|kolors|tts|audio|avatar|effect/.test(name)) return undefined;
  return {
    api: apiOf(name),
    video: { ...UNKNOWN, refusal: firstOf(/omni|-o\d/.test(name) ? needsText : needsTextOrImage, followsImage) },
  };
}

/** `kling-4.0` is named as the 3.x API names models, `kling-v4` as the older one does. */
function apiOf(name: string): KlingApi {
  const isThree = /^kling-o?\d/.test(name);
  if (/omni|-o\d/.test(name)) return isThree ? 'three-omni' : 'classic-omni';
  return isThree ? 'three' : 'classic';
}
