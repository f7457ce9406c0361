import type { VideoModel } from '../../canonical/video.js';
import type { VideoRule } from '../tasks/video-rules.js';
import {
  allOf,
  followsImage,
  needsFirstFrame,
  needsText,
  type OptionKind,
  optionsAre,
  SWITCH,
  seedFrom,
  wordOf,
} from '../tasks/video-rules.js';

/** Stands before the vendor's names in the hub: `v6` alone would say nothing among the models of others. */
const PREFIX = 'pixverse-';
const SEED_MAX = 2 ** 31 - 1;
const NEGATIVE_PROMPT_CHARS_MAX = 2_048;
const OPTIONS: Readonly<Record<string, OptionKind>> = {
  water_mark: SWITCH,
  generate_multi_clip_switch: SWITCH,
  style: wordOf('anime', '3d_animation', 'clay', 'comic', 'cyberpunk'),
};

const isNegativeShort: VideoRule = ({ negativePrompt = '' }) =>
  [...negativePrompt].length > NEGATIVE_PROMPT_CHARS_MAX
    ? {
        param: 'negativePrompt',
        message: `The negative prompt may have at most ${NEGATIVE_PROMPT_CHARS_MAX} characters.`,
      }
    : undefined;
const RULES = [needsText, needsFirstFrame, followsImage, isNegativeShort, seedFrom(0, SEED_MAX), optionsAre(OPTIONS)];

function notAt1080p(longest: number): VideoRule {
  return ({ durationSeconds, resolution }) =>
    durationSeconds === longest && resolution === '1080p'
      ? { param: 'duration', message: `At 1080p a video cannot be ${longest} seconds long.` }
      : undefined;
}

/** What all have in common. Fast motion, templates, sound effects and lip sync are not offered: they are priced apart. */
const V5: VideoModel = {
  durations: [5, 8],
  durationDefault: 5,
  resolutions: ['360p', '540p', '720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16', '4:3', '3:4', '1:1'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: true,
  hasSeed: true,
  countMax: 1,
  promptCharsMax: 2_048,
  options: ['water_mark'],
  refusal: allOf(...RULES, notAt1080p(8)),
};
const V56: VideoModel = { ...V5, durations: [5, 8, 10], audio: 'optional', refusal: allOf(...RULES, notAt1080p(10)) };
const C1: VideoModel = {
  ...V56,
  durations: { min: 1, max: 15 },
  aspectRatios: [...V5.aspectRatios, '2:3', '3:2', '21:9'],
  promptCharsMax: 5_000,
  refusal: allOf(...RULES),
};

/** By the vendor's names: https://docs.platform.pixverse.ai. */
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  ['v3.5', { ...V5, options: ['water_mark', 'style'] }],
  ['v4', V5],
  ['v4.5', V5],
  ['v5', V5],
  ['v5.5', { ...V56, options: ['water_mark', 'generate_multi_clip_switch'] }],
  ['v5.6', V56],
  ['v6', { ...C1, options: ['water_mark', 'generate_multi_clip_switch'] }],
  ['c1', C1],
]);

/** What a model of PixVerse can do; undefined for one that it does not have. */
export function pixverseModelOf(upstreamModel: string): VideoModel | undefined {
  return MODELS.get(pixverseNameOf(upstreamModel));
}

/** The vendor's own name of a model. */
export function pixverseNameOf(upstreamModel: string): string {
  return upstreamModel.startsWith(PREFIX) ? upstreamModel.slice(PREFIX.length) : upstreamModel;
}
