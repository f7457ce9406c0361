import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { ImageItem, ImagesAnswer, ImagesRequest } from '../../canonical/images.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { VideoRefusal } from '../../canonical/video.js';
import type { Target, UpstreamBody } from '../../provider.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { checkedPictures } from '../tasks/checked-pictures.js';
import { nearestRatio, readPictureSize } from '../tasks/picture-size.js';
import { findGeminiError } from './gemini-errors.js';
import { bareName } from './gemini-models.js';
import { parseJson } from './parse-json.js';

const RATIOS = ['1:1', '3:4', '4:3', '9:16', '16:9'];
const SEED_MAX = 2 ** 31 - 1;
/** A size with more pixels than this is nearer to 2K than to 1K, by their ratio. */
const PIXELS_1K_MAX = 1_024 * 2_048;
/** And one with more than this is near to neither. */
const PIXELS_2K_MAX = 2_048 * 4_096;

/** Options in Google's words, on images/generations and in jobs alike. */
export const IMAGEN_OPTIONS = ['addWatermark', 'enhancePrompt', 'language', 'personGeneration', 'safetySetting'];

type Tier = '1K' | '2K';
interface Imagen extends ImageTaskModel {
  /** None where there is one size only, and no parameter. */
  readonly tiers: readonly Tier[];
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api */
const COMMON: ImageTaskModel = {
  countMax: 4,
  // The limit is 480 tokens.
  promptCharsMax: 2_000,
  qualities: [],
  imagesMax: 0,
  imageForms: [],
  hasNegativePrompt: false,
  hasSeed: true,
  options: IMAGEN_OPTIONS,
};
const ONE_SIZE = imagen([]);
const TWO_SIZES = imagen(['1K', '2K']);
const MODELS: ReadonlyMap<string, Imagen> = new Map([
  ['imagen-4.0-generate-001', TWO_SIZES],
  ['imagen-4.0-ultra-generate-001', TWO_SIZES],
  ['imagen-4.0-fast-generate-001', ONE_SIZE],
  ['imagen-3.0-generate-002', ONE_SIZE],
]);

/** True for names of Imagen, also of models that are not known. */
export function isImagen(upstreamModel: string): boolean {
  return bareName(upstreamModel).startsWith('imagen');
}

/**
 * Translates an image generation request to `predict` of Imagen.
 * @throws ProviderError `unsupported_option` that names what the model cannot do.
 */
export function toImagenBody(request: ImagesRequest, { upstreamModel }: Target): UpstreamBody {
  const model = MODELS.get(bareName(upstreamModel));
  const { prompt, count, size, seed, options } = checkedPictures(request, model);
  const body = {
    instances: [{ prompt }],
    parameters: {
      ...options,
      sampleCount: count,
      ...(size === undefined ? {} : shapeOf(size, model?.tiers ?? [])),
      seed,
      // Otherwise what is filtered is only missing.
      includeRaiReason: true,
    },
  };
  return { body: Buffer.from(JSON.stringify(body)), droppedParams: [], isStream: false };
}

/**
 * Reads an answer of `predict`: fewer pictures than were asked for means that the others were filtered.
 * @throws ProviderError `content_refused` when all were, `invalid_response` when there is nothing of the kind.
 */
export function fromImagenBody(body: Uint8Array): ImagesAnswer {
  const value = parseJson(body);
  const error = findGeminiError(value);
  if (error !== undefined) throw error;
  const predictions = isObject(value) ? value['predictions'] : undefined;
  if (!Array.isArray(predictions)) throw invalid('The upstream answer has no predictions.');
  const data = predictions.filter(isObject).flatMap(toItem);
  if (data.length > 0) return { body: { created: 0, data }, usage: { images: data.length } };
  const isFiltered = predictions.every((one) => isObject(one) && isText(one['raiFilteredReason']));
  if (!isFiltered) throw invalid('The upstream answer has no picture.');
  throw new ProviderError({
    kind: 'content_refused',
    message: 'The upstream made no picture of this prompt.',
    code: 'content_policy_violation',
  });
}

function toItem({ bytesBase64Encoded: bytes, prompt }: WireObject): ImageItem[] {
  return isText(bytes) ? [{ b64_json: bytes, ...(isText(prompt) && { revised_prompt: prompt }) }] : [];
}

function imagen(tiers: readonly Tier[]): Imagen {
  return { ...COMMON, tiers, refusal: (request) => refusalOf(request, tiers) };
}

function refusalOf({ size, seed, options }: ImageTaskRequest, tiers: readonly Tier[]): VideoRefusal | undefined {
  if (size !== undefined && shapeOf(size, tiers) === undefined) {
    const sizes = tiers.length === 0 ? 'about 1024 pixels square' : `the sizes ${tiers.join(', ')}`;
    return {
      param: 'size',
      message: `This model makes pictures of the shapes ${RATIOS.join(', ')} and ${sizes} only.`,
    };
  }
  if (seed === undefined) return undefined;
  if (seed < 1 || seed > SEED_MAX) return { param: 'seed', message: `"seed" must be from 1 to ${SEED_MAX}.` };
  if (options['addWatermark'] === false) return undefined;
  return { param: 'seed', message: 'With a watermark this model takes no "seed"; send "addWatermark": false as well.' };
}

/** A shape or a tier by its name, or the nearest of both to a size. */
function shapeOf(size: string, tiers: readonly Tier[]): object | undefined {
  const named = tiers.find((tier) => tier === size);
  if (named !== undefined) return { sampleImageSize: named };
  if (RATIOS.includes(size)) return { aspectRatio: size };
  const pixels = readPictureSize(size);
  const aspectRatio = pixels && nearestRatio(pixels, RATIOS);
  if (pixels === undefined || aspectRatio === undefined) return undefined;
  const area = pixels.width * pixels.height;
  if (area > PIXELS_2K_MAX) return undefined;
  const tier: Tier = area > PIXELS_1K_MAX ? '2K' : '1K';
  if (tiers.includes(tier)) return { aspectRatio, sampleImageSize: tier };
  return tiers.length === 0 && tier === '1K' ? { aspectRatio } : undefined;
}
