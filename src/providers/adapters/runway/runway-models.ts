import { isObject } from '../../../common/is-object.js';
import type { VideoModel } from '../../canonical/video.js';
import {
  allOf,
  needsFirstFrame,
  needsText,
  needsTextOrImage,
  type OptionKind,
  optionsAre,
  seedFrom,
  type VideoRule,
} from '../tasks/video-rules.js';

/** What Runway calls `ratio`: sizes in pixels by resolution and aspect ratio. */
type Sizes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A model at Runway. */
export interface RunwayModel {
  readonly video: VideoModel;
  readonly sizes: Sizes;
}

/** The shape of a video whose shape was left open: Runway wants one named, and its resolution is in it. */
export const RUNWAY_RATIO_DEFAULT = '16:9';

export const RUNWAY_SEED_MAX = 2 ** 32 - 1;
const GEN_SIZES: Sizes = {
  '720p': {
    '16:9': '1280:720',
    '9:16': '720:1280',
    '4:3': '1104:832',
    '1:1': '960:960',
    '3:4': '832:1104',
    '21:9': '1584:672',
  },
};
const VEO_SIZES: Sizes = {
  '720p': { '16:9': '1280:720', '9:16': '720:1280' },
  '1080p': { '16:9': '1920:1080', '9:16': '1080:1920' },
};
const OMNI_SIZES: Sizes = { '720p': { '16:9': '1280:720', '9:16': '720:1280' } };
const SEEDANCE_FAST_SIZES: Sizes = {
  '480p': {
    '21:9': '992:432',
    '16:9': '864:496',
    '4:3': '752:560',
    '1:1': '640:640',
    '3:4': '560:752',
    '9:16': '496:864',
  },
  '720p': {
    '21:9': '1470:630',
    '16:9': '1280:720',
    '4:3': '1112:834',
    '1:1': '960:960',
    '3:4': '834:1112',
    '9:16': '720:1280',
  },
};
const SEEDANCE_SIZES: Sizes = {
  ...SEEDANCE_FAST_SIZES,
  '1080p': {
    '21:9': '2206:946',
    '16:9': '1920:1080',
    '4:3': '1664:1248',
    '1:1': '1440:1440',
    '3:4': '1248:1664',
    '9:16': '1080:1920',
  },
  '4k': {
    '21:9': '3840:1646',
    '16:9': '3840:2160',
    '4:3': '3840:2880',
    '1:1': '3840:3840',
    '3:4': '2880:3840',
    '9:16': '2160:3840',
  },
};

/** Runway counts UTF-16 units, of which some characters have two. */
function promptUnitsMax(max: number): VideoRule {
  return ({ prompt }) =>
    prompt.length > max
      ? { param: 'prompt', message: `The prompt may have at most ${max} UTF-16 code units.` }
      : undefined;
}

const isWideOrTallText: VideoRule = ({ image, aspectRatio }) =>
  image === undefined && aspectRatio !== undefined && aspectRatio !== '16:9' && aspectRatio !== '9:16'
    ? { param: 'aspectRatio', message: 'Without a picture this model makes 16:9 and 9:16 only.' }
    : undefined;

const isModeration = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).every((name) => name === 'publicFigureThreshold') &&
  (value['publicFigureThreshold'] === 'auto' || value['publicFigureThreshold'] === 'low');

/** Options of Runway's own models. */
export const RUNWAY_OPTIONS: Readonly<Record<string, OptionKind>> = {
  contentModeration: { is: isModeration, what: 'an object with a "publicFigureThreshold" of auto or low' },
};

const BASE = {
  durationDefault: 5,
  resolutionDefault: '720p',
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  options: [],
} as const satisfies Partial<VideoModel>;
const GEN = {
  ...BASE,
  durations: { min: 2, max: 10 },
  hasSeed: true,
  promptCharsMax: 1_000,
  options: ['contentModeration'],
} as const satisfies Partial<VideoModel>;
const GEN_RULES = [promptUnitsMax(1_000), seedFrom(0, RUNWAY_SEED_MAX), optionsAre(RUNWAY_OPTIONS)];

const VEO = model(VEO_SIZES, {
  ...BASE,
  durations: [4, 6, 8],
  durationDefault: 8,
  hasLastFrame: true,
  audio: 'optional',
  audioDefault: true,
  hasNegativePrompt: true,
  promptCharsMax: 1_000,
  refusal: allOf(needsTextOrImage, needsFirstFrame, promptUnitsMax(1_000)),
});
const seedance = (sizes: Sizes): RunwayModel =>
  model(sizes, {
    ...BASE,
    durations: { min: 4, max: 15 },
    hasLastFrame: true,
    audio: 'optional',
    audioDefault: true,
    promptCharsMax: 3_500,
    refusal: allOf(needsTextOrImage, needsFirstFrame, promptUnitsMax(3_500)),
  });

/** https://docs.dev.runwayml.com/api: text to video and image to video. Only what the models have in common with the hub. */
const MODELS: ReadonlyMap<string, RunwayModel> = new Map([
  ['gen4.5', model(GEN_SIZES, { ...GEN, refusal: allOf(needsText, isWideOrTallText, ...GEN_RULES) })],
  ['gen4_turbo', model(GEN_SIZES, { ...GEN, image: 'required', refusal: allOf(...GEN_RULES) })],
  ['veo3.1', VEO],
  ['veo3.1_fast', VEO],
  ['seedance2', seedance(SEEDANCE_SIZES)],
  ['seedance2_fast', seedance(SEEDANCE_FAST_SIZES)],
  ['seedance2_mini', seedance(SEEDANCE_FAST_SIZES)],
  // Whether it has sound is not documented: none is promised.
  [
    'gemini_omni_flash',
    model(OMNI_SIZES, {
      ...BASE,
      durations: { min: 3, max: 10 },
      promptCharsMax: 2_500,
      refusal: allOf(needsTextOrImage, promptUnitsMax(2_500)),
    }),
  ],
]);

/** What a model at Runway can do and how its sizes are written; undefined for one that it does not have. */
export function runwayModelOf(upstreamModel: string): RunwayModel | undefined {
  return MODELS.get(upstreamModel);
}

function model(sizes: Sizes, rest: Omit<VideoModel, 'resolutions' | 'aspectRatios'>): RunwayModel {
  const aspectRatios = Object.keys(sizes[rest.resolutionDefault] ?? {});
  return { sizes, video: { ...rest, resolutions: Object.keys(sizes), aspectRatios } };
}
