import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { VideoRefusal } from '../../canonical/video.js';
import { pictureAddress } from './picture-address.js';
import { type PictureSize, ratioOfSize, readPictureSize } from './picture-size.js';
import { faultOfOptions, type OptionKind } from './video-rules.js';

/**
 * How a model takes sizes: as `{ width, height }` of so many pixels at least and at most on each side, as the aspect ratio nearest to
 * them, or as one of some words.
 */
export type HostedSize =
  | { readonly by: 'pixels'; readonly name: string; readonly min: number; readonly max: number }
  | { readonly by: 'ratio'; readonly name: string; readonly ratios: readonly string[] }
  | { readonly by: 'word'; readonly name: string; readonly words: readonly string[] };

/** Names by which a model that a host lends out takes what a request for pictures says; without a name it cannot be chosen. */
export interface HostedImageInputs {
  /** Without it a model makes one picture. */
  readonly count?: { readonly name: string; readonly max: number };
  readonly size?: HostedSize;
  readonly seed?: string;
  readonly negativePrompt?: string;
  /** Pictures to begin from: a text for one, or a list. */
  readonly images?: {
    readonly name: string;
    readonly form: 'one' | 'list';
    readonly min: number;
    readonly max: number;
  };
}

/** A model of pictures that a host lends out: what it can do, and what its inputs are called. */
export interface HostedImageModel {
  readonly image: ImageTaskModel;
  readonly inputs: HostedImageInputs;
}

const PROMPT_CHARS_MAX = 5_000;

/** Describes a model by the names of its inputs. @param options inputs of the model's own that callers may set. */
export function hostedImageModel(
  inputs: HostedImageInputs,
  options: Readonly<Record<string, OptionKind>> = {},
): HostedImageModel {
  const { count, size, images } = inputs;
  return {
    inputs,
    image: {
      countMax: count?.max ?? 1,
      promptCharsMax: PROMPT_CHARS_MAX,
      // Where there are sizes, the rule below decides.
      ...(size === undefined ? { sizes: [] } : {}),
      qualities: [],
      imagesMax: images?.max ?? 0,
      imagesMin: images?.min ?? 0,
      imageForms: images === undefined ? [] : ['url', 'bytes'],
      hasNegativePrompt: inputs.negativePrompt !== undefined,
      hasSeed: inputs.seed !== undefined,
      options: Object.keys(options),
      refusal: (request) =>
        refusalOfPrompt(request) ?? refusalOfSize(request, size) ?? faultOfOptions(request.options, options),
    },
  };
}

/** The inputs of a request, under the model's own names. */
export function toHostedImageInputs(
  { prompt, options, count, size, seed, negativePrompt, images }: ImageTaskRequest,
  inputs: HostedImageInputs,
): Readonly<Record<string, unknown>> {
  const pictures = images.map(pictureAddress);
  return {
    ...options,
    prompt,
    ...named(inputs.seed, seed),
    ...named(inputs.negativePrompt, negativePrompt),
    ...named(inputs.images?.name, inputs.images?.form === 'list' ? listOf(pictures) : pictures[0]),
    ...named(inputs.size?.name, inputs.size === undefined ? undefined : toSize(size, inputs.size)),
    // Costs money, and is named whatever the model's default.
    ...named(inputs.count?.name, count),
  };
}

function listOf(pictures: readonly string[]): readonly string[] | undefined {
  return pictures.length === 0 ? undefined : pictures;
}

/** Undefined where the caller leaves it to the model, and where the model has nothing like it. */
function toSize(size: string | undefined, form: HostedSize): string | PictureSize | undefined {
  if (size === undefined) return undefined;
  switch (form.by) {
    case 'pixels': {
      const pixels = readPictureSize(size);
      return pixels !== undefined && isWithin(pixels.width, form) && isWithin(pixels.height, form) ? pixels : undefined;
    }
    case 'ratio':
      return ratioOfSize(size, form.ratios);
    case 'word':
      return form.words.find((word) => word === size);
  }
}

function isWithin(pixels: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return pixels >= min && pixels <= max;
}

function refusalOfPrompt({ prompt }: ImageTaskRequest): VideoRefusal | undefined {
  return prompt === '' ? { param: 'prompt', message: 'This model needs a prompt.' } : undefined;
}

function refusalOfSize({ size }: ImageTaskRequest, form: HostedSize | undefined): VideoRefusal | undefined {
  if (size === undefined || form === undefined || toSize(size, form) !== undefined) return undefined;
  return { param: 'size', message: `"size" of this model must be ${textOf(form)}.` };
}

function textOf(form: HostedSize): string {
  switch (form.by) {
    case 'pixels':
      return `WIDTHxHEIGHT, each from ${form.min} to ${form.max}`;
    case 'ratio':
      return `one of the shapes ${form.ratios.join(', ')}, or a size in pixels of such a shape`;
    case 'word':
      return `one of ${form.words.join(', ')}`;
  }
}

function named(name: string | undefined, value: unknown): Readonly<Record<string, unknown>> {
  return name === undefined || value === undefined ? {} : { [name]: value };
}
