import { randomBytes } from 'node:crypto';
import { VIDEO_SECONDS_MAX, VIDEO_SIZES } from './video-limits.js';

/** How a video of the sandbox ends. */
export const VIDEO_ENDS = ['finished', 'content', 'error'] as const;
export type VideoEnd = (typeof VIDEO_ENDS)[number];

/** Everything that must be known of a video to answer for it. */
export interface VideoTask {
  /** Unix time in milliseconds. */
  readonly createdMs: number;
  /** From its creation to its end. */
  readonly workMs: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  /** What it is drawn from; any 32-bit number. */
  readonly seed: number;
  readonly end: VideoEnd;
}

/** Hexadecimal digits of each part of an id, in order. */
const DIGITS = { createdMs: 12, workMs: 8, seconds: 2, width: 4, height: 4, seed: 8, end: 1, random: 9 };
const PATTERN = new RegExp(
  `^video_${Object.values(DIGITS)
    .map((digits) => `([0-9a-f]{${digits}})`)
    .join('')}$`,
);

/** An id that holds the whole task: a sandbox that was started again still knows the videos it was asked for. */
export function toVideoId(task: VideoTask): string {
  const part = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return [
    'video_',
    part(task.createdMs, DIGITS.createdMs),
    part(task.workMs, DIGITS.workMs),
    part(task.seconds, DIGITS.seconds),
    part(task.width, DIGITS.width),
    part(task.height, DIGITS.height),
    part(task.seed, DIGITS.seed),
    part(VIDEO_ENDS.indexOf(task.end), DIGITS.end),
    randomBytes(5).toString('hex').slice(0, DIGITS.random),
  ].join('');
}

/** The task of an id; undefined when no sandbox has given it, as far as can be told. */
export function fromVideoId(id: string): VideoTask | undefined {
  const [createdMs = -1, workMs = 0, seconds = 0, width = 0, height = 0, seed = 0, endIndex = -1] = (
    PATTERN.exec(id) ?? []
  )
    .slice(1)
    .map((digits) => Number.parseInt(digits, 16));
  const end = VIDEO_ENDS[endIndex];
  // Whoever makes an id up gets no larger video than whoever asks for one.
  if (createdMs < 0 || end === undefined || !VIDEO_SIZES.includes(`${width}x${height}`)) return undefined;
  if (seconds < 1 || seconds > VIDEO_SECONDS_MAX) return undefined;
  return { createdMs, workMs, seconds, width, height, seed, end };
}
