import type { VideoRequest } from '../../canonical/video.js';

/** Pixels of a frame by resolution and aspect ratio, as public adapters have measured them. */
const PIXELS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  ['480p', sizes(864 * 496, 752 * 560, 640 * 640, 992 * 432)],
  ['720p', sizes(1280 * 720, 1112 * 834, 960 * 960, 1470 * 630)],
  ['1080p', sizes(1920 * 1080, 1664 * 1248, 1440 * 1440, 2206 * 946)],
]);
/** For a resolution that the table does not have. */
const PIXELS_MAX = 3840 * 2160;
const FRAMES_PER_SECOND = 24;
const PIXELS_PER_TOKEN = 1024;

/**
 * Tokens that Ark will count for a video: pixels of all frames through 1024, where a video has one frame more than its seconds make.
 * Where the aspect ratio is left to Ark, the largest frame counts.
 */
export function arkTokensOf({ resolution, aspectRatio, durationSeconds }: VideoRequest): number {
  const frames = FRAMES_PER_SECOND * durationSeconds + 1;
  return Math.ceil((pixelsOf(resolution, aspectRatio) * frames) / PIXELS_PER_TOKEN);
}

function pixelsOf(resolution: string, aspectRatio: string | undefined): number {
  const byRatio = PIXELS.get(resolution);
  if (byRatio === undefined) return PIXELS_MAX;
  return byRatio.get(aspectRatio ?? '') ?? Math.max(...byRatio.values());
}

/** A picture on end has as many pixels as one that lies. */
function sizes(wide: number, classic: number, square: number, cinema: number): ReadonlyMap<string, number> {
  return new Map([
    ['16:9', wide],
    ['9:16', wide],
    ['4:3', classic],
    ['3:4', classic],
    ['1:1', square],
    ['21:9', cinema],
  ]);
}
