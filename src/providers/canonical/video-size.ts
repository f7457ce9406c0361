/** Aspect ratios that sizes are read back as. */
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9', '9:21', '3:2', '2:3'];
/** Vendors round sizes to what their encoder likes: 832x480 and 1792x1024 are meant as 16:9. */
const RATIO_TOLERANCE = 0.03;
/** Names of resolutions that are no number of lines. */
const NAMED_LINES: Readonly<Record<string, number>> = { '2k': 1440, '4k': 2160 };

/** A size in pixels. */
export interface VideoSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a video of so many lines on its shorter side. Both sides come out even, which video encoders ask for.
 * @param resolution such as `720p` or `4k`.
 * @param aspectRatio such as `16:9`.
 * @returns undefined when either cannot be read.
 */
export function toVideoSize(resolution: string, aspectRatio: string): VideoSize | undefined {
  const lines = NAMED_LINES[resolution] ?? Number(/^([1-9]\d{1,3})p$/.exec(resolution)?.[1]);
  const [, across = '', down = ''] = /^([1-9]\d?):([1-9]\d?)$/.exec(aspectRatio) ?? [];
  if (Number.isNaN(lines) || across === '') return undefined;
  const ratio = Number(across) / Number(down);
  const long = 2 * Math.round((lines * Math.max(ratio, 1 / ratio)) / 2);
  return ratio >= 1 ? { width: long, height: lines } : { width: lines, height: long };
}

/**
 * What a size is called: the lines of its shorter side, and the common aspect ratio that it is meant as.
 * @param text such as `1280x720` or `1280*720`.
 * @returns undefined for text that is no size; without an aspect ratio when none is near.
 */
export function fromVideoSize(
  text: string,
): { readonly resolution: string; readonly aspectRatio: string | undefined } | undefined {
  const [, width = '', height = ''] = /^([1-9]\d{1,4})[x*]([1-9]\d{1,4})$/i.exec(text) ?? [];
  if (width === '') return undefined;
  const ratio = Number(width) / Number(height);
  const aspectRatio = RATIOS.find((name) => {
    const [across = 1, down = 1] = name.split(':').map(Number);
    return Math.abs((ratio * down) / across - 1) <= RATIO_TOLERANCE;
  });
  return { resolution: `${Math.min(Number(width), Number(height))}p`, aspectRatio };
}
