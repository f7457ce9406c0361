import type { VideoModel } from '../../canonical/video.js';
import {
  allOf,
  needsFirstFrame,
  needsText,
  needsTextOrImage,
  optionsAre,
  SWITCH,
  type VideoRule,
  wordOf,
} from '../tasks/video-rules.js';

/** Sizes in pixels, by resolution and aspect ratio. */
type Sizes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A video model of Zhipu and what its requests look like. */
export interface ZhipuModel {
  readonly video: VideoModel;
  readonly sizes: Sizes;
  /** The shape is a field of its own, of a size that is always the same. */
  readonly hasRatioField: boolean;
}

const RATIO_DEFAULT = '16:9';
/** Of a video from a picture that keeps its shape: only of this one the size need not be told. */
const RESOLUTION_OF_PICTURES = '1080p';

const SIZES_3: Sizes = {
  '720p': { '16:9': '1280x720', '9:16': '720x1280', '1:1': '1024x1024' },
  '1080p': { '16:9': '1920x1080', '9:16': '1080x1920' },
  '4k': { '16:9': '3840x2160' },
};
const SIZES_2: Sizes = {
  '480p': { '3:2': '720x480' },
  '960p': { '4:3': '1280x960', '3:4': '960x1280', '1:1': '1024x1024' },
  '1080p': { '16:9': '1920x1080', '9:16': '1080x1920' },
  '4k': { '16:9': '3840x2160' },
};
const ONLY_1080P: Sizes = { '1080p': { '16:9': '1920x1080', '9:16': '1920x1080', '1:1': '1920x1080' } };
const ONLY_720P: Sizes = { '720p': { '16:9': '1280x720' } };

const QUALITY = { quality: wordOf('speed', 'quality') };
const COG_FORMS = { fps: wordOf(30, 60), watermark_enabled: SWITCH };
const VIDU_FORMS = { movement_amplitude: wordOf('auto', 'small', 'medium', 'large') };

const COG: VideoModel = {
  durations: [5],
  durationDefault: 5,
  resolutions: [],
  resolutionDefault: RESOLUTION_OF_PICTURES,
  aspectRatios: [],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'optional',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 512,
  options: [],
};
const VIDU: VideoModel = { ...COG, audio: 'never', options: Object.keys(VIDU_FORMS) };

/** https://docs.bigmodel.cn/api-reference. Models that need two frames or pictures of subjects are left out: a request has one of each. */
const MODELS: ReadonlyMap<string, ZhipuModel> = new Map([
  [
    'cogvideox-3',
    withSizes(SIZES_3, {
      ...COG,
      durations: [5, 10],
      hasLastFrame: true,
      options: ['quality', ...Object.keys(COG_FORMS)],
      refusal: allOf(needsTextOrImage, needsFirstFrame, fitsSizes(SIZES_3), optionsAre({ ...QUALITY, ...COG_FORMS })),
    }),
  ],
  [
    'cogvideox-2',
    withSizes(SIZES_2, {
      ...COG,
      options: ['quality', ...Object.keys(COG_FORMS)],
      refusal: allOf(needsTextOrImage, fitsSizes(SIZES_2), optionsAre({ ...QUALITY, ...COG_FORMS })),
    }),
  ],
  [
    'cogvideox-flash',
    withSizes(SIZES_2, {
      ...COG,
      options: Object.keys(COG_FORMS),
      refusal: allOf(needsTextOrImage, fitsSizes(SIZES_2), optionsAre(COG_FORMS)),
    }),
  ],
  [
    'viduq1-text',
    {
      ...withSizes(ONLY_1080P, {
        ...VIDU,
        image: 'none',
        imageForms: [],
        options: ['style', ...VIDU.options],
        refusal: allOf(needsText, optionsAre({ style: wordOf('general', 'anime'), ...VIDU_FORMS })),
      }),
      hasRatioField: true,
    },
  ],
  ['viduq1-image', ofPicture(ONLY_1080P, 5)],
  ['vidu2-image', ofPicture(ONLY_720P, 4)],
]);

/** A model by its upstream name; undefined when it is none of Zhipu's for videos. */
export function zhipuModelOf(name: string): ZhipuModel | undefined {
  return MODELS.get(name.toLowerCase());
}

/**
 * The size to ask for; undefined where the picture sets it.
 * @param aspectRatio as the caller wants it.
 */
export function zhipuSizeOf(
  { sizes, video }: ZhipuModel,
  resolution: string,
  aspectRatio: string | undefined,
  hasImage: boolean,
): string | undefined {
  if (hasImage && aspectRatio === undefined && video.aspectRatios.length > 0) return undefined;
  return sizes[resolution]?.[ratioOf(sizes, resolution, aspectRatio)];
}

function ratioOf(sizes: Sizes, resolution: string, aspectRatio: string | undefined): string {
  const ratios = Object.keys(sizes[resolution] ?? {});
  return aspectRatio ?? (ratios.includes(RATIO_DEFAULT) ? RATIO_DEFAULT : (ratios[0] ?? RATIO_DEFAULT));
}

function withSizes(sizes: Sizes, video: VideoModel): ZhipuModel {
  const aspectRatios = [...new Set(Object.values(sizes).flatMap((ratios) => Object.keys(ratios)))];
  return {
    sizes,
    video: { ...video, resolutions: Object.keys(sizes), aspectRatios },
    hasRatioField: false,
  };
}

function ofPicture(sizes: Sizes, seconds: number): ZhipuModel {
  const model = withSizes(sizes, { ...VIDU, durations: [seconds], durationDefault: seconds, image: 'required' });
  const [resolution = RESOLUTION_OF_PICTURES] = model.video.resolutions;
  const video = {
    ...model.video,
    aspectRatios: [],
    resolutionDefault: resolution,
    refusal: optionsAre(VIDU_FORMS),
  };
  return { ...model, video };
}

/** Not every resolution has every ratio, and the shape of a picture is kept at only one resolution. */
function fitsSizes(sizes: Sizes): VideoRule {
  return ({ resolution, aspectRatio, image }) => {
    if (aspectRatio === undefined) {
      return image === undefined || resolution === RESOLUTION_OF_PICTURES
        ? undefined
        : {
            param: 'aspectRatio',
            message: `A video keeps the shape of its picture only at ${RESOLUTION_OF_PICTURES}: name an aspect ratio.`,
          };
    }
    const ratios = Object.keys(sizes[resolution] ?? {});
    return ratios.includes(aspectRatio)
      ? undefined
      : {
          param: 'aspectRatio',
          message: `At ${resolution} there is no ${aspectRatio}: choose one of ${ratios.join(', ')}.`,
        };
  };
}
