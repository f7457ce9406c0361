import type { VideoModel, VideoRefusal, VideoRequest } from '../../canonical/video.js';

/** Largest seed that Ark takes. */
const SEED_MAX = 2 ** 32 - 1;
const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'];
/**
 * Settings at the end of a prompt, as the first models take them: `--rs 1080p`. They would win over the fields of the request, and
 * with them over its price.
 */
const SETTING_IN_PROMPT =
  /(?:^|\s)--(?:rs|resolution|rt|ratio|dur|duration|frames|fps|framespersecond|seed|cf|camerafixed|wm|watermark)(?:\s|=|$)/i;

/** What all Seedance models have in common. */
const SEEDANCE: VideoModel = {
  durations: { min: 4, max: 12 },
  durationDefault: 5,
  resolutions: ['480p', '720p'],
  resolutionDefault: '720p',
  aspectRatios: [...RATIOS, 'adaptive'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'optional',
  audioDefault: true,
  hasNegativePrompt: false,
  hasSeed: true,
  countMax: 1,
  // Ark states no limit; this keeps a request far below its 64 MB.
  promptCharsMax: 10_000,
  options: ['watermark'],
  refusal: refuse,
};

const ALL_RESOLUTIONS = ['480p', '720p', '1080p'];
const FIRST_GENERATION: VideoModel = {
  ...SEEDANCE,
  durations: { min: 2, max: 12 },
  resolutions: ALL_RESOLUTIONS,
  aspectRatios: RATIOS,
  audio: 'never',
  audioDefault: false,
  options: ['camera_fixed', 'watermark'],
  refusal: refuseWithSettings,
};

/** What every model could do so far: for one that came later, and for an endpoint (`ep-…`), which does not tell its model. */
export const ARK_GENERIC_MODEL: VideoModel = { ...SEEDANCE, refusal: refuseWithSettings };

/**
 * By the part of a name that China (`doubao-seedance-…`) and BytePlus (`dreamina-seedance-…`, `seedance-…`) have in common; the first
 * that fits.
 */
const FAMILIES: readonly (readonly [name: RegExp, model: VideoModel])[] = [
  [/seedance-2-5(?:-|$)/, { ...SEEDANCE, durations: { min: 4, max: 30 }, resolutions: ALL_RESOLUTIONS }],
  [/seedance-2-0-(?:fast|mini)(?:-|$)/, { ...SEEDANCE, durations: { min: 4, max: 15 } }],
  [/seedance-2-0(?:-|$)/, { ...SEEDANCE, durations: { min: 4, max: 15 }, resolutions: ALL_RESOLUTIONS }],
  [
    /seedance-1-5-pro(?:-|$)/,
    {
      ...SEEDANCE,
      resolutions: ALL_RESOLUTIONS,
      options: ['camera_fixed', 'watermark'],
      refusal: refuseWithSettings,
    },
  ],
  [/seedance-1-0-pro-fast(?:-|$)/, { ...FIRST_GENERATION, hasLastFrame: false }],
  [/seedance-1-0-pro(?:-|$)/, { ...FIRST_GENERATION, resolutionDefault: '1080p' }],
  [/seedance-1-0-lite-t2v(?:-|$)/, { ...FIRST_GENERATION, image: 'none', hasLastFrame: false, imageForms: [] }],
  [/seedance-1-0-lite-i2v(?:-|$)/, { ...FIRST_GENERATION, image: 'required' }],
  [/seedance-/, ARK_GENERIC_MODEL],
];

/** What a model of Ark can do; undefined for models that make no videos, and for endpoints, which may be of any kind. */
export function arkModelOf(upstreamModel: string): VideoModel | undefined {
  const name = upstreamModel.toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}

function refuse(request: VideoRequest): VideoRefusal | undefined {
  if (request.lastFrame !== undefined && request.image === undefined)
    return { param: 'lastFrame', message: 'A last frame needs a first one: send "image" as well.' };
  if (request.prompt === '' && request.image === undefined)
    return { param: 'prompt', message: 'A video without a picture needs a prompt.' };
  if (request.seed !== undefined && (request.seed < 0 || request.seed > SEED_MAX))
    return { param: 'seed', message: `The seed must lie between 0 and ${SEED_MAX}.` };
  for (const name of ['camera_fixed', 'watermark']) {
    const value = request.options[name];
    if (value !== undefined && typeof value !== 'boolean')
      return { param: `providerOptions.${name}`, message: `The option "${name}" must be true or false.` };
  }
  return undefined;
}

function refuseWithSettings(request: VideoRequest): VideoRefusal | undefined {
  if (SETTING_IN_PROMPT.test(request.prompt))
    return { param: 'prompt', message: 'Settings such as --rs 720p do not belong into the prompt: use the fields.' };
  return refuse(request);
}
