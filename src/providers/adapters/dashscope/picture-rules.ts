import type { VideoRefusal } from '../../canonical/video.js';
import type { PictureSize } from '../tasks/picture-size.js';

/** What sizes a model makes; what is left out has no bound. */
export interface SizeRule {
  readonly sideMin?: number;
  readonly sideMax?: number;
  readonly pixelsMin?: number;
  readonly pixelsMax?: number;
  /** The longer side by the shorter one. */
  readonly ratioMax?: number;
}

/** Sizes are written with an asterisk here. */
export function toStarSize(size: string): string {
  return size.replace(/x/i, '*');
}

/** Why there are no pictures of a size; undefined when there are. @param pixels undefined where the text is no size. */
export function sizeRefusal(text: string, pixels: PictureSize | undefined, rule: SizeRule): VideoRefusal | undefined {
  if (pixels !== undefined && isWithin(pixels, rule)) return undefined;
  return { param: 'size', message: `This model makes no pictures of the size ${JSON.stringify(text.slice(0, 32))}.` };
}

function isWithin({ width, height }: PictureSize, rule: SizeRule): boolean {
  const { sideMin = 1, sideMax = Number.POSITIVE_INFINITY } = rule;
  const { pixelsMin = 1, pixelsMax = Number.POSITIVE_INFINITY, ratioMax = Number.POSITIVE_INFINITY } = rule;
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  const pixels = width * height;
  return short >= sideMin && long <= sideMax && pixels >= pixelsMin && pixels <= pixelsMax && long / short <= ratioMax;
}
