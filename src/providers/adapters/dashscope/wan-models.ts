import type { VideoModel, VideoRefusal, VideoRequest } from '../../canonical/video.js';

/**
 * How a Wan model is called and what its request looks like:
 * - `size`: text to video up to 2.6, a size in pixels;
 * - `image`: image to video up to 2.6, one picture and a resolution;
 * - `frames`: first and last frame up to 2.6, at an address of its own;
 * - `media`: 2.7 and later, a list of media, a resolution and for texts a ratio.
 */
export type WanForm = 'size' | 'image' | 'frames' | 'media';

/** A Wan model as its name tells it. */
export interface WanModel {
  readonly form: WanForm;
  /** Whether sound can be switched on and off. */
  readonly hasAudioSwitch: boolean;
  readonly video: VideoModel;
}

/**
 * Ids of https://www.alibabacloud.com/help/en/model-studio/legacy-wan-text-to-video-api-reference and its sister pages. Models
 * that need other videos or reference pictures (`-r2v`, `-videoedit`, `-animate`) have no place in the hub's requests.
 */
const NAME = /^wanx?(\d)\.(\d)-(t2v|i2v|kf2v|video)(?:-(turbo|plus|flash|preview|prime))?(?:-\d{4}-\d{2}-\d{2})?$/;

/** Sizes in pixels of models up to 2.6, by resolution and ratio. */
export const WAN_SIZES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '480p': { '16:9': '832*480', '9:16': '480*832', '1:1': '624*624' },
  '720p': { '16:9': '1280*720', '9:16': '720*1280', '1:1': '960*960', '4:3': '1088*832', '3:4': '832*1088' },
  '1080p': { '16:9': '1920*1080', '9:16': '1080*1920', '1:1': '1440*1440', '4:3': '1632*1248', '3:4': '1248*1632' },
};
export const WAN_RATIO_DEFAULT = '16:9';

const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'];
const NEGATIVE_PROMPT_CHARS_MAX = 500;
const SEED_MAX = 2 ** 31 - 1;

const BASE: VideoModel = {
  durations: [5],
  durationDefault: 5,
  resolutions: ['480p', '720p', '1080p'],
  // The vendor's own default is 1080P from 2.5 on: the hub always names one.
  resolutionDefault: '720p',
  aspectRatios: [],
  image: 'none',
  hasLastFrame: false,
  imageForms: [],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: true,
  hasSeed: true,
  countMax: 1,
  promptCharsMax: 800,
  options: ['prompt_extend', 'watermark'],
  refusal,
};

const WITH_AUDIO: Partial<VideoModel> = {
  audio: 'optional',
  audioDefault: true,
  promptCharsMax: 1_500,
  options: ['prompt_extend', 'watermark', 'audio_url'],
};

/** What is common to the models of a generation. */
const GENERATIONS: Readonly<Record<string, Partial<VideoModel>>> = {
  '2.1': { resolutions: ['480p', '720p'] },
  '2.2': {},
  '2.5': { ...WITH_AUDIO, durations: [5, 10] },
  '2.6': {
    ...WITH_AUDIO,
    durations: [5, 10, 15],
    resolutions: ['720p', '1080p'],
    options: ['prompt_extend', 'watermark', 'audio_url', 'shot_type'],
  },
  '2.7': {
    durations: { min: 2, max: 15 },
    resolutions: ['720p', '1080p'],
    audio: 'always',
    audioDefault: true,
    promptCharsMax: 5_000,
    options: ['prompt_extend', 'watermark', 'audio_url'],
  },
  '3.0': {
    durations: { min: 2, max: 30 },
    audio: 'optional',
    audioDefault: true,
    promptCharsMax: 20_000,
  },
};

const PICTURE: Partial<VideoModel> = { image: 'required', imageForms: ['url', 'bytes'] };

/** Reads a model name; undefined when it is no Wan model that the hub can ask for videos. */
export function wanModelOf(name: string): WanModel | undefined {
  const [, major = '', minor = '', kind = ''] = NAME.exec(name) ?? [];
  const generation = GENERATIONS[`${major}.${minor}`];
  if (generation === undefined) return undefined;
  const isMedia = Number(major) > 2 || minor === '7';
  const own = kindOf(kind, isMedia);
  // Only from 3.0 on is one model for texts and pictures.
  if (own === undefined || (kind === 'video') !== (major === '3')) return undefined;
  const video = { ...BASE, ...generation, ...own };
  return { form: formOf(kind, isMedia), hasAudioSwitch: video.audio === 'optional', video };
}

function kindOf(kind: string, isMedia: boolean): Partial<VideoModel> | undefined {
  switch (kind) {
    case 't2v':
      return isMedia ? { aspectRatios: RATIOS } : { aspectRatios: RATIOS, refusal: sizeRefusal };
    case 'i2v':
      return isMedia ? { ...PICTURE, hasLastFrame: true } : PICTURE;
    case 'kf2v':
      return isMedia ? undefined : { ...PICTURE, hasLastFrame: true };
    default:
      return { ...PICTURE, image: 'optional', hasLastFrame: true, aspectRatios: [...RATIOS, 'adaptive'] };
  }
}

function formOf(kind: string, isMedia: boolean): WanForm {
  if (isMedia) return 'media';
  return kind === 't2v' ? 'size' : kind === 'i2v' ? 'image' : 'frames';
}

function refusal({ negativePrompt, seed }: VideoRequest): VideoRefusal | undefined {
  if ((negativePrompt?.length ?? 0) > NEGATIVE_PROMPT_CHARS_MAX) {
    const message = `The negative prompt may have at most ${NEGATIVE_PROMPT_CHARS_MAX} characters.`;
    return { param: 'negativePrompt', message };
  }
  if (seed !== undefined && (seed < 0 || seed > SEED_MAX)) {
    return { param: 'seed', message: `The seed must be from 0 to ${SEED_MAX}.` };
  }
  return undefined;
}

/** As {@link refusal}, for models that take sizes in pixels: not every resolution has every ratio. */
function sizeRefusal(request: VideoRequest): VideoRefusal | undefined {
  const { aspectRatio = WAN_RATIO_DEFAULT, resolution } = request;
  const sizes = WAN_SIZES[resolution] ?? {};
  if (Object.hasOwn(sizes, aspectRatio)) return refusal(request);
  const message = `At ${resolution} there is no ${aspectRatio}: choose one of ${Object.keys(sizes).join(', ')}.`;
  return { param: 'aspectRatio', message };
}
