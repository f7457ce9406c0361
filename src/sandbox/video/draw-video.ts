import { type Painting, writeParameters, writePicture } from './h264.js';
import { writeMp4 } from './mp4.js';

const PICTURES_PER_SECOND = 4;
/** The waves are back where they were after so many pictures, so that a long video is no more work than a short one. */
const ROUND = 16;
/** Between the darkest and the brightest a player shows. */
const LUMA_MIDDLE = 126;
const LUMA_SWING = 80;
/** Tints are up to this many steps of two away from grey, so that no colour is out of range. */
const TINT_MAX = 24;

/** A video that the sandbox draws. */
export interface DrawnVideo {
  readonly width: number;
  readonly height: number;
  /** Whole seconds. */
  readonly seconds: number;
  /** Any 32-bit number. */
  readonly seed: number;
}

/**
 * Draws an MP4 (H.264 baseline, no sound): waves that wander, in colours that follow from the seed. The same description gives
 * the same bytes.
 */
export function drawVideo({ width, height, seconds, seed }: DrawnVideo): Buffer {
  const count = seconds * PICTURES_PER_SECOND;
  const round = Array.from({ length: Math.min(count, ROUND) }, (_, index) =>
    writePicture(paint(width, height, seed, index / ROUND), index),
  );
  const pictures = Array.from({ length: count }, (_, index) => round[index % ROUND] ?? Buffer.alloc(0));
  const parameters = writeParameters(width, height);
  return writeMp4({ width, height, parameters, pictures, pictureMs: 1000 / PICTURES_PER_SECOND });
}

function paint(width: number, height: number, seed: number, turn: number): Painting {
  const byte = (index: number): number => (seed >>> (index * 8)) & 0xff;
  const tint = (index: number): number => Math.round(((byte(index) - 127.5) / 127.5) * TINT_MAX);
  const angle = (byte(2) / 256) * Math.PI;
  const [across, down] = [Math.cos(angle) / 5, Math.sin(angle) / 5];
  const phase = turn * 2 * Math.PI;
  const start = byte(3) / 40;
  return {
    width,
    height,
    blue: tint(0),
    red: tint(1),
    lumaAt: (column, row) => {
      const wave =
        Math.sin(column * across + row * down + start - phase) + Math.sin((column - row) / 9 + start + phase);
      return LUMA_MIDDLE + Math.round((wave / 2) * LUMA_SWING);
    },
  };
}
