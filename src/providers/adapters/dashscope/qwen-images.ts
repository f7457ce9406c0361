import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { ImageItem, ImagesAnswer, ImagesRequest } from '../../canonical/images.js';
import type { VideoRefusal } from '../../canonical/video.js';
import type { ImagesOperation, Target, UpstreamBody } from '../../provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { findInBandError } from '../openai-compatible/read-error-body.js';
import { isObject, isText } from '../openai-compatible/wire.js';
import { checkedPictures } from '../tasks/checked-pictures.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { nearestRatio, readPictureSize } from '../tasks/picture-size.js';
import { toTaskError } from '../tasks/to-task-error.js';
import { type SizeRule, sizeRefusal, toStarSize } from './picture-rules.js';
import { DASHSCOPE_ERRORS, WAN_ERRORS } from './wan-errors.js';
import { dashscopeBasePath } from './wan-tasks.js';

/** The five sizes of the first generation, by their shapes. */
const FIRST_SIZES: Readonly<Record<string, string>> = {
  '1:1': '1328*1328',
  '16:9': '1664*928',
  '9:16': '928*1664',
  '4:3': '1472*1104',
  '3:4': '1104*1472',
};
const FREE: SizeRule = { pixelsMin: 512 ** 2, pixelsMax: 2_048 ** 2 };
const WAN: SizeRule = { pixelsMin: 768 ** 2, pixelsMax: 1_440 ** 2, ratioMax: 4 };

const BASE: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: 2_000,
  qualities: [],
  imagesMax: 0,
  imageForms: [],
  hasNegativePrompt: true,
  hasSeed: true,
  options: ['prompt_extend', 'watermark'],
  refusal: ({ size }) =>
    size === undefined || firstSizeOf(size) !== undefined ? undefined : sizeRefusal(size, undefined, {}),
};
const EDIT: ImageTaskModel = {
  ...BASE,
  countMax: 6,
  imagesMin: 1,
  imagesMax: 3,
  imageForms: ['url', 'bytes'],
  refusal: (request) => freeRefusal(request, FREE),
};
const LATER: ImageTaskModel = { ...EDIT, imagesMin: 0 };

/** Families of https://help.aliyun.com/zh/model-studio/qwen-image-api and its sister pages; the first that matches. */
const FAMILIES: readonly (readonly [name: RegExp, model: ImageTaskModel])[] = [
  [/^qwen-image-edit(?![\w.]*-(?:plus|max))/, { ...EDIT, countMax: 1 }],
  [/^qwen-image-edit/, EDIT],
  [/^qwen-image(?:-plus|-max)?(?:-\d{4}-\d{2}-\d{2})?$/, BASE],
  [/^qwen-image-\d/, LATER],
  [/^z-image/, { ...BASE, hasNegativePrompt: false, refusal: (request) => freeRefusal(request, FREE) }],
  [/^wan2\.[6-9]-t2i/, { ...BASE, countMax: 4, refusal: (request) => freeRefusal(request, WAN) }],
];

/** Pictures by Qwen and newer Wan models, which come at once. */
export const qwenImages: ImagesOperation = {
  path: '/services/aigc/multimodal-generation/generation',
  basePath: dashscopeBasePath,
  options: BASE.options,
  toBody,
  fromBody,
};

function modelOf(name: string): ImageTaskModel | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}

function toBody(request: ImagesRequest, { upstreamModel: model }: Target): UpstreamBody {
  const wanted = checkedPictures(request, modelOf(model));
  const { prompt, images, negativePrompt, options, count, size, seed } = wanted;
  const content = [...images.map((image) => ({ image: pictureAddress(image) })), { text: prompt }];
  const body = {
    model,
    input: { messages: [{ role: 'user', content }] },
    parameters: {
      ...options,
      negative_prompt: negativePrompt,
      size: size === undefined ? undefined : sizeOf(size, model),
      n: count,
      seed,
    },
  };
  // Whole also where a stream is asked for: the relay makes one of it.
  return { body: Buffer.from(JSON.stringify(body)), droppedParams: [], isStream: false };
}

function sizeOf(size: string, model: string): string {
  return modelOf(model) === BASE ? (firstSizeOf(size) ?? size) : toStarSize(size);
}

/** The size of the first generation that has the shape which is asked for. */
function firstSizeOf(size: string): string | undefined {
  const pixels = readPictureSize(size);
  const ratio = pixels && nearestRatio(pixels, Object.keys(FIRST_SIZES));
  return ratio === undefined ? undefined : FIRST_SIZES[ratio];
}

function freeRefusal({ size }: ImageTaskRequest, rule: SizeRule): VideoRefusal | undefined {
  return size === undefined ? undefined : sizeRefusal(size, readPictureSize(size), rule);
}

/** @throws ProviderError `invalid_response` without a picture, or the error that a 200 carries. */
function fromBody(body: Uint8Array): ImagesAnswer {
  const { value } = parseAnswer(body);
  if (findInBandError(value) !== undefined) {
    throw toTaskError({ status: 200, headers: {}, body }, WAN_ERRORS, DASHSCOPE_ERRORS);
  }
  const output = isObject(value['output']) ? value['output'] : {};
  const choices = Array.isArray(output['choices']) ? output['choices'].filter(isObject) : [];
  const data = choices.flatMap(({ message }): ImageItem[] => {
    const content = isObject(message) ? message['content'] : undefined;
    const parts = Array.isArray(content) ? content.filter(isObject) : [];
    return parts.flatMap(({ image }) => (isText(image) && image !== '' ? [{ url: image }] : []));
  });
  if (data.length === 0) throw invalid('The upstream answer has no pictures.');
  return { body: { created: 0, data }, usage: { images: data.length } };
}
