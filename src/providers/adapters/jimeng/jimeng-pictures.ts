import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { TaskCall, VideoRefusal } from '../../canonical/video.js';
import type { ImageTaskOperation, Target } from '../../provider.js';
import { isText } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { JIMENG_ERRORS } from './jimeng-errors.js';
import { fromJimengStatus, fromJimengSubmit, picturesOf, toJimengStatus, toJimengSubmit } from './jimeng-task.js';

const AREA_MIN = 1024 * 1024;
const AREA_MAX = 4096 * 4096;
/** Resolutions as areas, of which the model chooses the shape by the prompt. */
const AREAS: Readonly<Record<string, number>> = { '1K': AREA_MIN, '2K': 2048 * 2048, '4K': AREA_MAX };
const RATIO_MIN = 1 / 3;
const RATIO_MAX = 3;
const SIDE_MIN = 512;
const SIDE_MAX = 2048;

type Rule = NonNullable<ImageTaskModel['refusal']>;

/** By width and height, which must not be too small, too large or too long; or by resolution. */
const byArea: Rule = ({ size, options }) => {
  if (size === undefined || Object.hasOwn(AREAS, size)) return undefined;
  const sides = sidesOf(size);
  if (sides === undefined)
    return refuse('size', 'The size must be 1K, 2K, 4K, or a width and a height such as 2048x2048.');
  const area = sides.width * sides.height;
  if (area < AREA_MIN || area > AREA_MAX)
    return refuse('size', 'Width times height must be from 1024x1024 to 4096x4096.');
  const ratio = sides.width / sides.height;
  const min = numberOr(options['min_ratio'], RATIO_MIN);
  const max = numberOr(options['max_ratio'], RATIO_MAX);
  return ratio < min || ratio > max
    ? refuse('size', 'Width by height must be from a third to three, or within "min_ratio" and "max_ratio".')
    : undefined;
};
const bySides: Rule = ({ size }) => {
  if (size === undefined) return undefined;
  const sides = sidesOf(size);
  const isPossible =
    sides !== undefined && [sides.width, sides.height].every((side) => side >= SIDE_MIN && side <= SIDE_MAX);
  return isPossible
    ? undefined
    : refuse('size', 'The size must be a width and a height from 512 to 2048, such as 1328x1328.');
};
const rightOptions: Rule = ({ options }) => {
  for (const [name, value] of Object.entries(options)) {
    if (name === 'use_pre_llm') {
      if (typeof value !== 'boolean') return refuse(name, '"use_pre_llm" must be true or false.');
      continue;
    }
    const max = name === 'scale' ? 1 : 16;
    if (typeof value !== 'number' || !(value >= 0 && value <= max))
      return refuse(name, `"${name}" must be a number from 0 to ${max}.`);
  }
  return undefined;
};

/** Left to itself it makes as many pictures as it reads out of the prompt, and bills each: it is told to make one. */
const FOUR: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: 800,
  qualities: [],
  imagesMax: 10,
  imageForms: ['url'],
  hasNegativePrompt: false,
  hasSeed: false,
  options: ['scale', 'min_ratio', 'max_ratio'],
  refusal: (request) => rightOptions(request) ?? byArea(request),
};
const THREE: ImageTaskModel = {
  ...FOUR,
  imagesMax: 0,
  imageForms: [],
  hasSeed: true,
  options: ['use_pre_llm'],
  refusal: (request) => rightOptions(request) ?? bySides(request),
};

const FOUR_NAME = 'jimeng_t2i_v40';
const MODELS: ReadonlyMap<string, ImageTaskModel> = new Map([
  [FOUR_NAME, FOUR],
  ['jimeng_t2i_v31', THREE],
  ['jimeng_t2i_v30', THREE],
]);

/** Pictures by Jimeng: https://www.volcengine.com/docs/85621/1817045. A reference is `{ reqKey, taskId }`. */
export const jimengPictures: ImageTaskOperation = {
  modelOf: (name) => MODELS.get(name),
  linksLastHours: 24,
  errors: JIMENG_ERRORS,
  toSubmit,
  fromSubmit: (answer, _request, { upstreamModel }) => fromJimengSubmit(answer, upstreamModel),
  // Without this wish the pictures come inside the answer.
  toStatus: (ref) => toJimengStatus(ref, { return_url: true }),
  fromStatus: (answer) =>
    fromJimengStatus(answer, ({ image_urls: urls }) => {
      if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isText))
        throw unreadable('Jimeng calls the pictures done and gives no address of them.');
      return urls.map((url) => ({ url }));
    }),
};

function toSubmit({ prompt, images, size, seed, options }: ImageTaskRequest, { upstreamModel }: Target): TaskCall {
  const area = size === undefined || !Object.hasOwn(AREAS, size) ? undefined : AREAS[size];
  return toJimengSubmit({
    ...options,
    req_key: upstreamModel,
    prompt,
    ...picturesOf(images),
    ...(upstreamModel === FOUR_NAME && { force_single: true }),
    ...(area === undefined ? sidesOf(size) : { size: area }),
    seed,
  });
}

function sidesOf(size: string | undefined): { readonly width: number; readonly height: number } | undefined {
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(size ?? '') ?? [];
  return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function refuse(param: string, message: string): VideoRefusal {
  return { param, message };
}
