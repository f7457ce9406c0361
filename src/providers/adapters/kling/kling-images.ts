import { isObject } from '../../../common/is-object.js';
import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type {
  MediaInput,
  TaskAnswer,
  TaskCall,
  TaskOutput,
  TaskRef,
  TaskState,
  VideoRefusal,
} from '../../canonical/video.js';
import type { ImageTaskOperation } from '../../provider.js';
import { nearestRatio, readPictureSize } from '../tasks/picture-size.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { klingAuth } from './kling-auth.js';
import { klingCallback } from './kling-callback.js';
import { fromClassicLookup, fromClassicSubmit, isNoSuchTask } from './kling-classic.js';
import { isDefiniteKlingError, KLING_ERRORS, readKlingData } from './kling-errors.js';
import { GONE, toKlingState } from './kling-task.js';

/** https://app.klingai.com/global/dev/document-api/apiReference/model/imageGeneration */
const PATH = '/v1/images/generations';
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9'];
/** Between the pixels of a square of 1k and one of 2k, by their ratio. */
const PIXELS_2K_MIN = 1_448 ** 2;

const BASE: ImageTaskModel = {
  countMax: 9,
  promptCharsMax: 2_500,
  qualities: [],
  imagesMax: 1,
  imageForms: ['url', 'bytes'],
  hasNegativePrompt: true,
  hasSeed: false,
  options: ['image_fidelity'],
  refusal,
};

const MODELS: ReadonlyMap<string, ImageTaskModel> = new Map([
  ['kling-v1', BASE],
  // The only one that can keep a person or a face.
  ['kling-v1-5', { ...BASE, options: ['image_reference', 'image_fidelity', 'human_fidelity'] }],
  ['kling-v2', BASE],
  // It gives a picture another style, and makes none of text alone.
  ['kling-v2-new', { ...BASE, imagesMin: 1, hasNegativePrompt: false }],
  ['kling-v2-1', BASE],
]);

/**
 * Pictures by Kling. A reference is `{ path, id }`, as for videos of `/v1/videos/*`; errors, credentials and callbacks are those of
 * videos too.
 */
export const klingImages: ImageTaskOperation = {
  modelOf: (name) => MODELS.get(name),
  auth: klingAuth,
  linksLastHours: 720,
  errors: KLING_ERRORS,
  isDefinite: isDefiniteKlingError,
  toSubmit: (request, { upstreamModel }) => ({
    method: 'POST',
    path: PATH,
    body: JSON.stringify(toBody(request, upstreamModel)),
  }),
  fromSubmit: (answer) => fromClassicSubmit(answer, PATH),
  toStatus: (ref) => toStatus(idOf(ref)),
  fromStatus,
  lookup: {
    toCall: ({ request }) => toStatus(request.externalId),
    fromAnswer: (answer, { request }) => fromClassicLookup(answer, request.externalId, PATH),
    settleMs: 120_000,
  },
  callback: klingCallback,
};

function toBody(request: ImageTaskRequest, model: string): object {
  const { prompt, negativePrompt, count, size, images, options, externalId, callbackUrl } = request;
  const [image] = images;
  return {
    ...options,
    model_name: model,
    prompt,
    negative_prompt: negativePrompt,
    image: image === undefined ? undefined : toPicture(image),
    ...(size === undefined ? {} : toShape(size)),
    // Its own default is one as well, but a number that costs money is always named.
    n: count,
    callback_url: callbackUrl,
    external_task_id: externalId,
  };
}

/** An address, or base64 without the prefix of a data URI. */
function toPicture(picture: MediaInput): string {
  return picture.kind === 'url' ? picture.url : picture.base64;
}

/** Ratio and resolution of a size; of a ratio only the ratio. Undefined where there is nothing like it. */
function toShape(size: string): { readonly aspect_ratio: string; readonly resolution?: string } | undefined {
  if (RATIOS.includes(size)) return { aspect_ratio: size };
  const pixels = readPictureSize(size);
  const ratio = pixels && nearestRatio(pixels, RATIOS);
  if (pixels === undefined || ratio === undefined) return undefined;
  return { aspect_ratio: ratio, resolution: pixels.width * pixels.height < PIXELS_2K_MIN ? '1k' : '2k' };
}

function refusal({ size, images, negativePrompt, options }: ImageTaskRequest): VideoRefusal | undefined {
  if (size !== undefined && toShape(size) === undefined) {
    return { param: 'size', message: `Kling makes pictures of the shapes ${RATIOS.join(', ')} only.` };
  }
  if (images.length > 0) {
    if (negativePrompt === undefined) return undefined;
    return { param: 'negative_prompt', message: 'Kling takes no "negative_prompt" beside a picture.' };
  }
  const [option] = Object.keys(options);
  // All of them say how much of the picture is kept.
  return option === undefined
    ? undefined
    : { param: option, message: `"${option}" is about an "image", and there is none.` };
}

function toStatus(id: string): TaskCall {
  return { method: 'GET', path: `${PATH}/${encodeURIComponent(id)}` };
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (isNoSuchTask(answer)) return GONE;
  const data = readKlingData(answer);
  if (!isObject(data)) throw unreadable('Kling says nothing of the task.');
  const state = { word: data['task_status'], reason: data['task_status_msg'] };
  return toKlingState(state, () => ({ outputs: readPictures(data['task_result']), usage: {} }));
}

function readPictures(result: unknown): readonly TaskOutput[] {
  const images = isObject(result) && Array.isArray(result['images']) ? result['images'] : [];
  if (images.length === 0) throw unreadable('Kling calls the task a success and gives no picture.');
  return images.map((image: unknown) => {
    const url = isObject(image) ? image['url'] : undefined;
    if (typeof url !== 'string' || !URL.canParse(url)) {
      throw unreadable('Kling calls the task a success and gives no address of its picture.');
    }
    return { url };
  });
}

/** @throws Error for a reference that this adapter did not make. */
function idOf({ path, id }: TaskRef): string {
  if (typeof id !== 'string' || path !== PATH) throw new Error('This is no reference of pictures at Kling.');
  return id;
}
