import { isObject } from '../../../common/is-object.js';
import type { BodyEdits, BodyValue, ImagesDialect, Refusal } from '../openai-compatible/vendor.js';
import { type PictureSize, readPictureSize } from '../tasks/picture-size.js';

/** Sizes by their name, such as `2K`; which of them a model has it says itself. */
const TIER = /^\d(?:\.\d)?K$/i;
/** Sides are rounded up to a multiple of this. */
const STEP = 8;

/**
 * Seedream: https://www.volcengine.com/docs/82379/1541523. Its pictures begin at millions of pixels: smaller sizes, such as OpenAI's, are
 * made larger at the same shape.
 */
export const SEEDREAM: ImagesDialect = {
  refusedFields: [
    'negative_prompt',
    'quality',
    'style',
    'background',
    'moderation',
    'output_compression',
    'partial_images',
  ],
  refusal,
  adjust,
  // Its events are called otherwise.
  canStream: false,
  options: ['watermark', 'guidance_scale', 'output_format', 'optimize_prompt_options'],
};

/** Fewest pixels of a model, by its generation; none for an endpoint, which tells nothing. */
function pixelsMinOf(model: string): number {
  const [, major = '0', minor = '0'] = /seedream-(\d)-(\d)/.exec(model) ?? [];
  const generation = Number(major) + Number(minor) / 10;
  return generation >= 4.5 ? 3_686_400 : generation >= 4 ? 921_600 : 0;
}

function refusal(body: BodyValue): Refusal | undefined {
  const { n, size } = body;
  const count = typeof n === 'number' ? n : 1;
  const mode = body['sequential_image_generation'] ?? 'disabled';
  if (mode === 'disabled' && count > 1) {
    const message =
      'This model gives only one picture per request; pictures that go together are asked for by "sequential_image_generation".';
    return { param: 'n', message };
  }
  const { max_images: most } = objectOf(body['sequential_image_generation_options']);
  // Each that comes is paid for, and no more are held for than "n" says.
  if (mode !== 'disabled' && !(typeof most === 'number' && most <= count)) {
    const message =
      '"sequential_image_generation_options.max_images" must be given, and be no more than "n", which says what is paid for at most.';
    return { param: 'sequential_image_generation', message };
  }
  const isSize = size === undefined || size === null || size === 'auto' || isTier(size) || pixelsOf(size) !== undefined;
  if (isSize) return undefined;
  return { param: 'size', message: '"size" of this model must be such as "2K" or "2048x2048".' };
}

function adjust({ size }: BodyValue, edits: BodyEdits, model: string): void {
  edits['n'] = undefined;
  if (size === 'auto' || size === null) edits['size'] = undefined;
  const pixels = pixelsOf(size);
  const least = pixelsMinOf(model);
  if (pixels === undefined || pixels.width * pixels.height >= least) return;
  const factor = Math.sqrt(least / (pixels.width * pixels.height));
  const up = (side: number): number => Math.ceil((side * factor) / STEP) * STEP;
  edits['size'] = JSON.stringify(`${up(pixels.width)}x${up(pixels.height)}`);
}

function pixelsOf(size: unknown): PictureSize | undefined {
  return typeof size === 'string' ? readPictureSize(size) : undefined;
}

function isTier(size: unknown): boolean {
  return typeof size === 'string' && TIER.test(size);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
