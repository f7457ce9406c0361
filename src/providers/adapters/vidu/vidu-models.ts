import type { VideoModel, VideoRefusal, VideoRequest } from '../../canonical/video.js';
import {
  allOf,
  followsImage,
  needsFirstFrame,
  needsTextOrImage,
  optionsAre,
  SWITCH,
  seedFrom,
  wordOf,
} from '../tasks/video-rules.js';

/** Seeds are 32 bits with a sign. */
export const VIDU_SEED_MAX = 2 ** 31 - 1;
const OPTIONS = ['movement_amplitude', 'bgm', 'watermark'];
const isOption = optionsAre({
  movement_amplitude: wordOf('auto', 'small', 'medium', 'large'),
  bgm: SWITCH,
  watermark: SWITCH,
  style: wordOf('general', 'anime'),
});
// 0 stands for chance: whoever names a seed wants the same video again.
const RULES = [needsTextOrImage, needsFirstFrame, followsImage, seedFrom(1, VIDU_SEED_MAX), isOption];
const hasStyleOfText = ({ image, options }: VideoRequest): VideoRefusal | undefined =>
  image !== undefined && options['style'] !== undefined
    ? { param: 'providerOptions.style', message: 'A video from a picture has the style of the picture.' }
    : undefined;
const isShortBut720p = ({ durationSeconds, resolution }: VideoRequest): VideoRefusal | undefined =>
  durationSeconds === 8 && resolution !== '720p'
    ? { param: 'duration', message: 'Eight seconds are made at 720p only.' }
    : undefined;

/** `off_peak` is not offered: such a task may take two days and is priced differently. */
const Q3: VideoModel = {
  durations: { min: 1, max: 16 },
  durationDefault: 5,
  resolutions: ['540p', '720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16', '4:3', '3:4', '1:1'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'optional',
  audioDefault: true,
  hasNegativePrompt: false,
  hasSeed: true,
  countMax: 1,
  promptCharsMax: 2_000,
  options: OPTIONS,
  refusal: allOf(...RULES),
};
const Q2: VideoModel = { ...Q3, durations: { min: 1, max: 10 }, audio: 'never', audioDefault: false };
const Q2_TEXT: VideoModel = { ...Q2, image: 'none', hasLastFrame: false, imageForms: [] };
const Q2_IMAGE: VideoModel = { ...Q2, image: 'required', aspectRatios: [] };
const Q1: VideoModel = {
  ...Q2,
  durations: [5],
  resolutions: ['1080p'],
  resolutionDefault: '1080p',
  aspectRatios: ['16:9', '9:16', '1:1'],
  options: [...OPTIONS, 'style'],
  refusal: allOf(...RULES, hasStyleOfText),
};
const V15: VideoModel = {
  ...Q1,
  durations: [4, 8],
  durationDefault: 4,
  resolutions: ['360p', '720p', '1080p'],
  resolutionDefault: '720p',
  refusal: allOf(...RULES, hasStyleOfText, isShortBut720p),
};
const V20: VideoModel = {
  ...V15,
  image: 'required',
  aspectRatios: [],
  options: OPTIONS,
  refusal: allOf(...RULES, isShortBut720p),
};

/** https://platform.vidu.com/docs/text-to-video and its sister pages. Reference pictures have no place in the hub's requests. */
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  ['viduq3-pro', Q3],
  ['viduq3-turbo', Q3],
  ['viduq2', Q2_TEXT],
  ['viduq2-pro', Q2_IMAGE],
  ['viduq2-turbo', Q2_IMAGE],
  ['viduq1', Q1],
  ['vidu2.0', V20],
  ['vidu1.5', V15],
]);

/** What a model of Vidu can do; undefined for one that it does not have. */
export function viduModelOf(upstreamModel: string): VideoModel | undefined {
  return MODELS.get(upstreamModel);
}
