import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { VideoRefusal } from '../../canonical/video.js';
import { type PictureSize, readPictureSize } from '../tasks/picture-size.js';

/** How a model is told the size: in pixels, or as a shape. */
export type BflForm = 'pixels' | 'ratio';

/** A Flux model as the adapter needs to know it. */
export interface BflModel {
  readonly form: BflForm;
  /** The field of a picture to begin from; further ones are numbered from 2. */
  readonly imageField: 'image_prompt' | 'input_image';
  readonly picture: ImageTaskModel;
}

const COMMON = ['safety_tolerance', 'output_format'];
/** The widest and the tallest shape. */
const RATIO_MAX = 21 / 9;

const BASE: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: 10_000,
  qualities: [],
  imagesMax: 1,
  imageForms: ['bytes'],
  hasNegativePrompt: false,
  hasSeed: true,
  options: [...COMMON, 'prompt_upsampling'],
};
/** https://docs.bfl.ai/api-reference/models: sides of 256 to 1440 in steps of 32. */
const FIRST: ImageTaskModel = {
  ...BASE,
  refusal: byPixels(({ width, height }) =>
    [width, height].every((side) => isStep(side, 32) && side >= 256 && side <= 1_440),
  ),
};
const ULTRA: ImageTaskModel = { ...BASE, options: [...COMMON, 'raw', 'image_prompt_strength'], refusal: byRatio };
const KONTEXT: ImageTaskModel = { ...BASE, imagesMax: 4, imageForms: ['url', 'bytes'], refusal: byRatio };
/** https://docs.bfl.ai/flux_2: up to four megapixels in steps of 16. */
const SECOND: ImageTaskModel = {
  ...BASE,
  imagesMax: 8,
  imageForms: ['url', 'bytes'],
  options: COMMON,
  refusal: byPixels(
    ({ width, height }) =>
      [width, height].every((side) => isStep(side, 16) && side >= 64) && width * height <= 2_048 ** 2,
  ),
};

/** The first that matches. */
const FAMILIES: readonly (readonly [name: RegExp, model: BflModel])[] = [
  [/^flux-pro-1\.1-ultra$/, { form: 'ratio', imageField: 'image_prompt', picture: ULTRA }],
  [/^flux-pro-1\.1$/, { form: 'pixels', imageField: 'image_prompt', picture: FIRST }],
  [
    /^flux-(?:pro|dev)$/,
    {
      form: 'pixels',
      imageField: 'image_prompt',
      picture: { ...FIRST, options: [...BASE.options, 'steps', 'guidance'] },
    },
  ],
  [/^flux-kontext-(?:pro|max)$/, { form: 'ratio', imageField: 'input_image', picture: KONTEXT }],
  [
    /^flux-2-flex(?:-[a-z0-9-]+)?$/,
    {
      form: 'pixels',
      imageField: 'input_image',
      picture: { ...SECOND, options: [...BASE.options, 'steps', 'guidance'] },
    },
  ],
  [/^flux-2-[a-z0-9-]+$/, { form: 'pixels', imageField: 'input_image', picture: SECOND }],
];

/** Undefined for a name that is no Flux model which the hub can ask for pictures. */
export function bflModelOf(name: string): BflModel | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}

/** The shape of a size in its lowest terms, or a ratio as it is; undefined for what is neither, or too long. */
export function bflRatioOf(size: string): string | undefined {
  const [, across = '', down = ''] = /^([1-9]\d?):([1-9]\d?)$/.exec(size) ?? [];
  if (across !== '') return isShape({ width: Number(across), height: Number(down) }) ? size : undefined;
  const pixels = readPictureSize(size);
  if (pixels === undefined || !isShape(pixels)) return undefined;
  const divisor = commonDivisor(pixels.width, pixels.height);
  return `${pixels.width / divisor}:${pixels.height / divisor}`;
}

function isShape({ width, height }: PictureSize): boolean {
  return Math.max(width / height, height / width) <= RATIO_MAX;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function isStep(side: number, step: number): boolean {
  return side % step === 0;
}

function byPixels(isMade: (size: PictureSize) => boolean): NonNullable<ImageTaskModel['refusal']> {
  return ({ size }) => {
    const pixels = size === undefined ? undefined : readPictureSize(size);
    return size === undefined || (pixels !== undefined && isMade(pixels)) ? undefined : noSize(size);
  };
}

function byRatio({ size }: ImageTaskRequest): VideoRefusal | undefined {
  return size === undefined || bflRatioOf(size) !== undefined ? undefined : noSize(size);
}

function noSize(size: string): VideoRefusal {
  return { param: 'size', message: `This model makes no pictures of the size ${JSON.stringify(size.slice(0, 32))}.` };
}
