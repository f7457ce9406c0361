import type { VideoModel } from '../../canonical/video.js';
import {
  allOf,
  followsImage,
  needsFirstFrame,
  needsText,
  needsTextOrImage,
  optionsAre,
  SWITCH,
  type VideoRule,
} from '../tasks/video-rules.js';

/** What all models have in common. Sound is promised of none: MiniMax does not say which have it. */
const COMMON = {
  aspectRatios: [],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
} as const satisfies Partial<VideoModel>;

const V1_OPTIONS = ['prompt_optimizer', 'fast_pretreatment', 'aigc_watermark'];
const isShortAt1080p: VideoRule = ({ durationSeconds, resolution }) =>
  durationSeconds > 6 && resolution === '1080p'
    ? { param: 'duration', message: 'At 1080p a video is 6 seconds long; 10 seconds go up to 768p.' }
    : undefined;
const has512pWithPicture: VideoRule = ({ image, lastFrame, resolution }) =>
  resolution === '512p' && (image === undefined || lastFrame !== undefined)
    ? { param: 'resolution', message: 'A video at 512p needs an "image" and takes no "lastFrame".' }
    : undefined;

const HAILUO: VideoModel = {
  ...COMMON,
  durations: [6, 10],
  durationDefault: 6,
  resolutions: ['768p', '1080p'],
  resolutionDefault: '768p',
  promptCharsMax: 2_000,
  options: V1_OPTIONS,
  refusal: allOf(needsFirstFrame, needsTextOrImage, isShortAt1080p, switches(V1_OPTIONS)),
};
/** The models before Hailuo 02. */
const VIDEO_01: VideoModel = { ...HAILUO, durations: [6], resolutions: ['720p'], resolutionDefault: '720p' };
const T2V_01: VideoModel = { ...VIDEO_01, image: 'none', imageForms: [] };
const I2V_01: VideoModel = { ...VIDEO_01, image: 'required' };

const V2_OPTIONS = ['aigc_watermark'];
const H3: VideoModel = {
  ...COMMON,
  durations: { min: 4, max: 15 },
  durationDefault: 5,
  resolutions: ['768p', '2k'],
  resolutionDefault: '768p',
  aspectRatios: ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'],
  hasLastFrame: true,
  promptCharsMax: 7_000,
  options: V2_OPTIONS,
  refusal: allOf(needsFirstFrame, needsText, followsImage, switches(V2_OPTIONS)),
};

/** By name in lower case. `S2V-01` is left out: its picture is of a person, not a frame. */
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  ['minimax-hailuo-2.3', HAILUO],
  ['minimax-hailuo-2.3-fast', { ...HAILUO, image: 'required' }],
  [
    'minimax-hailuo-02',
    {
      ...HAILUO,
      resolutions: ['512p', '768p', '1080p'],
      hasLastFrame: true,
      refusal: allOf(needsFirstFrame, needsTextOrImage, has512pWithPicture, isShortAt1080p, switches(V1_OPTIONS)),
    },
  ],
  ['t2v-01', T2V_01],
  ['t2v-01-director', T2V_01],
  ['i2v-01', I2V_01],
  ['i2v-01-director', I2V_01],
  ['i2v-01-live', I2V_01],
  ['minimax-h3', H3],
  ['minimax-h3-max', { ...H3, durations: { min: 5, max: 15 }, resolutions: ['480p', '768p'] }],
]);

/** What a model of MiniMax can do; undefined for models that make no videos. */
export function minimaxModelOf(upstreamModel: string): VideoModel | undefined {
  const name = upstreamModel.toLowerCase();
  return MODELS.get(name) ?? (isV2Model(name) ? H3 : undefined);
}

/** True for models of the second API; it does not know the others, nor does the first know these. */
export function isV2Model(upstreamModel: string): boolean {
  return /^minimax-h3/i.test(upstreamModel);
}

/** All of them are on or off. */
function switches(names: readonly string[]): VideoRule {
  return optionsAre(Object.fromEntries(names.map((name) => [name, SWITCH])));
}
