/** A size in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** OpenAI's 1792x1024 is 16:9 but for 2 %; what is further off would be another picture. */
const RATIO_TOLERANCE = 0.05;

/** Reads `WxH`, or `W*H` as some vendors write it; undefined for any other text. */
export function readPictureSize(text: string): PictureSize | undefined {
  const [, width = '', height = ''] = /^([1-9]\d{1,4})[x*]([1-9]\d{1,4})$/i.exec(text) ?? [];
  return width === '' ? undefined : { width: Number(width), height: Number(height) };
}

/**
 * The ratio nearest to a size, for vendors that know shapes only.
 * @param ratios such as `16:9`.
 * @returns undefined when none is near enough to be meant.
 */
export function nearestRatio({ width, height }: PictureSize, ratios: readonly string[]): string | undefined {
  const wanted = width / height;
  const offOf = (ratio: string): number => {
    const [across = 1, down = 1] = ratio.split(':').map(Number);
    // The same in both directions.
    return Math.abs(Math.log(across / down / wanted));
  };
  const [nearest] = ratios.toSorted((a, b) => offOf(a) - offOf(b));
  return nearest !== undefined && offOf(nearest) <= Math.log(1 + RATIO_TOLERANCE) ? nearest : undefined;
}

/**
 * What a vendor that knows shapes only calls a size: one of its ratios, named as it is or meant by a size in pixels.
 * @returns undefined when there is nothing like it.
 */
export function ratioOfSize(size: string, ratios: readonly string[]): string | undefined {
  if (ratios.includes(size)) return size;
  const pixels = readPictureSize(size);
  return pixels && nearestRatio(pixels, ratios);
}
