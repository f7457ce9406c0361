import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { ImagesAnswer, ImagesRequest } from '../../canonical/images.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { VideoRefusal } from '../../canonical/video.js';
import type { ImagesOperation, Target, UpstreamBody } from '../../provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { isText } from '../openai-compatible/wire.js';
import { checkedPictures } from '../tasks/checked-pictures.js';
import { type FormPart, toForm } from '../tasks/multipart-form.js';
import { ratioOfSize } from '../tasks/picture-size.js';
import { toStabilityError } from './stability-errors.js';

type Service = 'core' | 'ultra' | 'sd3';

const RATIOS = ['21:9', '16:9', '3:2', '5:4', '1:1', '4:5', '2:3', '9:16', '9:21'];
const SEED_MAX = 4_294_967_294;

const TEXT: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: 10_000,
  qualities: [],
  imagesMax: 0,
  imageForms: [],
  hasNegativePrompt: true,
  hasSeed: true,
  options: ['style_preset', 'output_format'],
  refusal: commonRefusal,
};
/** A picture goes along as a file. */
const PICTURE: ImageTaskModel = { ...TEXT, imagesMax: 1, imageForms: ['bytes'] };

const MODELS: Readonly<Record<Service, ImageTaskModel>> = {
  core: TEXT,
  ultra: { ...PICTURE, options: ['style_preset', 'output_format', 'strength'], refusal: pictureRefusal },
  sd3: { ...PICTURE, options: ['style_preset', 'output_format', 'strength', 'cfg_scale'], refusal: sd3Refusal },
};

/** https://platform.stability.ai/docs/api-reference, v2beta: forms, also without a file. */
export const stabilityImages: ImagesOperation = {
  path: ({ upstreamModel }) => `/stable-image/generate/${serviceOf(upstreamModel) ?? 'core'}`,
  options: MODELS.sd3.options,
  toBody,
  fromBody,
};

function serviceOf(model: string): Service | undefined {
  if (model === 'stable-image-core') return 'core';
  if (model === 'stable-image-ultra') return 'ultra';
  return /^sd3(?:\.5)?-[a-z-]+$/.test(model) ? 'sd3' : undefined;
}

function toBody(request: ImagesRequest, { upstreamModel }: Target): UpstreamBody {
  const service = serviceOf(upstreamModel);
  const wanted = checkedPictures(request, service && MODELS[service]);
  const { prompt, negativePrompt, size, seed, images, options } = wanted;
  const [image] = images;
  const { headers, body } = toForm([
    ...Object.entries(options).map(([name, value]): FormPart => [name, String(value)]),
    ['prompt', prompt],
    ['negative_prompt', negativePrompt],
    ['aspect_ratio', size === undefined ? undefined : ratioOfSize(size, RATIOS)],
    ['seed', seed === undefined ? undefined : String(seed)],
    ['model', service === 'sd3' ? upstreamModel : undefined],
    ['mode', service === 'sd3' && image !== undefined ? 'image-to-image' : undefined],
    ['image', image?.kind === 'bytes' ? image : undefined],
  ]);
  return { body, contentType: headers['content-type'], droppedParams: [], isStream: false };
}

function commonRefusal({ size, seed = 0, options }: ImageTaskRequest): VideoRefusal | undefined {
  if (size !== undefined && ratioOfSize(size, RATIOS) === undefined) {
    return { param: 'size', message: `This model makes pictures of the shapes ${RATIOS.join(', ')} only.` };
  }
  if (seed < 0 || seed > SEED_MAX) return { param: 'seed', message: `"seed" must be from 0 to ${SEED_MAX}.` };
  const odd = Object.keys(options).find((name) => !['string', 'number'].includes(typeof options[name]));
  return odd === undefined ? undefined : { param: odd, message: `"${odd}" must be a text or a number.` };
}

function pictureRefusal(request: ImageTaskRequest): VideoRefusal | undefined {
  const hasStrength = request.options['strength'] !== undefined;
  if (request.images.length > 0 && !hasStrength) {
    return { param: 'strength', message: 'Beside an "image" there must be a "strength", from 0 to 1.' };
  }
  if (request.images.length === 0 && hasStrength) {
    return { param: 'strength', message: '"strength" is about an "image", and there is none.' };
  }
  return commonRefusal(request);
}

function sd3Refusal(request: ImageTaskRequest): VideoRefusal | undefined {
  if (request.images.length > 0 && request.size !== undefined) {
    return { param: 'size', message: 'Beside an "image", whose shape it keeps, this model takes no "size".' };
  }
  return pictureRefusal(request);
}

/** @throws ProviderError `content_refused` for a picture that was made unrecognisable, `invalid_response` without one. */
function fromBody(body: Uint8Array): ImagesAnswer {
  const { value } = parseAnswer(body);
  if (isText(value['name']) && value['errors'] !== undefined)
    throw toStabilityError({ status: 200, headers: {}, body });
  const { image, finish_reason: reason } = value;
  // There is no other reason than that in its documents.
  if (isText(reason) && reason !== 'SUCCESS') {
    const message = 'The upstream has made the picture unrecognisable, since its content policy refused it.';
    const code = /^[A-Z_]{1,40}$/.test(reason) ? reason : undefined;
    throw new ProviderError({ kind: 'content_refused', status: 200, code, message });
  }
  if (!isText(image) || image === '') throw invalid('The upstream answer has no picture.');
  return { body: { created: 0, data: [{ b64_json: image }] }, usage: { images: 1 } };
}
