import { isText } from '../openai-compatible/wire.js';
import type { PictureRule, PictureSize } from './gemini-models.js';
import { unsupported } from './refusals.js';

/** What `imageConfig` says of the shape. */
export interface PictureShape {
  readonly aspectRatio?: string;
  readonly imageSize?: PictureSize;
}

/** https://ai.google.dev/gemini-api/docs/image-generation */
const RATIOS: readonly (readonly [name: string, ratio: number])[] = [
  ['1:1', 1],
  ['2:3', 2 / 3],
  ['3:2', 3 / 2],
  ['3:4', 3 / 4],
  ['4:3', 4 / 3],
  ['4:5', 4 / 5],
  ['5:4', 5 / 4],
  ['9:16', 9 / 16],
  ['16:9', 16 / 9],
  ['21:9', 21 / 9],
];
/** Pixels of a square picture. */
const PIXELS: Readonly<Record<PictureSize, number>> = { '1K': 1_024 ** 2, '2K': 2_048 ** 2, '4K': 4_096 ** 2 };
const SIZES: readonly PictureSize[] = ['1K', '2K', '4K'];
/** OpenAI's 1792x1024 is 16:9 but for 2 %; what is further off would be another picture. */
const RATIO_TOLERANCE = 0.05;

/**
 * The ratio and the size nearest to `WxH`; a size of the vendor's own, such as `2K`, is taken as it is.
 * @throws ProviderError `unsupported_option` with param `size` when nothing comes near.
 */
export function toPictureSize(size: unknown, { sizes }: PictureRule): PictureShape {
  if (size === undefined || size === null || size === 'auto') return {};
  const named = SIZES.find((name) => name === size);
  if (named !== undefined) return { ...offered(named, sizes, size) };
  const [, width, height] = isText(size) ? (/^(\d{2,5})x(\d{2,5})$/.exec(size) ?? []) : [];
  if (width === undefined || height === undefined || Number(height) === 0) throw refusal(size);
  const ratio = Number(width) / Number(height);
  const [name, nearest] = RATIOS.reduce((best, next) => (off(next[1], ratio) < off(best[1], ratio) ? next : best));
  if (off(nearest, ratio) > Math.log(1 + RATIO_TOLERANCE)) throw refusal(size);
  const pixels = Number(width) * Number(height);
  const tier = SIZES.reduce((best, next) => (off(PIXELS[next], pixels) < off(PIXELS[best], pixels) ? next : best));
  return { aspectRatio: name, ...offered(tier, sizes, size) };
}

function offered(tier: PictureSize, sizes: readonly PictureSize[], asked: unknown): PictureShape {
  if (sizes.includes(tier)) return { imageSize: tier };
  // A model of one size makes about 1K, and has no field for it.
  if (sizes.length === 0 && tier === '1K') return {};
  throw refusal(asked);
}

/** How far apart two ratios are, the same in both directions. */
function off(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

function refusal(size: unknown): Error {
  return unsupported('size', `This model makes no pictures of the size ${JSON.stringify(size)}.`);
}
