import { flacMs } from './flac.js';
import { matroskaMs } from './matroska.js';
import { mp3Ms } from './mp3.js';
import { mp4Ms } from './mp4.js';
import { oggMs } from './ogg.js';
import type { SoundFile } from './sound-file.js';
import { wavMs } from './wav.js';

/** Nobody sends more; a header that says so is wrong. */
const LENGTH_MS_MAX = 7 * 24 * 60 * 60 * 1000;
const MAGIC_BYTES = 12;

/**
 * How long a sound file says that it plays, from the header of its container: wav, mp3, flac, ogg, mp4 (m4a) and webm. Nothing is
 * decoded, and a few kilobytes are read.
 * @returns whole milliseconds; undefined for any other file, and where the header does not say.
 */
export async function soundLengthMs(file: SoundFile): Promise<number | undefined> {
  const ms = await lengthOf(file, await file.read(0, MAGIC_BYTES));
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 && ms <= LENGTH_MS_MAX ? Math.ceil(ms) : undefined;
}

function lengthOf(file: SoundFile, magic: Buffer): Promise<number | undefined> {
  const first = magic.toString('latin1', 0, 4);
  if (first === 'RIFF' && magic.toString('latin1', 8, 12) === 'WAVE') return wavMs(file);
  if (first === 'fLaC') return flacMs(file);
  if (first === 'OggS') return oggMs(file);
  if (magic.toString('latin1', 4, 8) === 'ftyp') return mp4Ms(file);
  if (magic.length >= 4 && magic.readUInt32BE(0) === 0x1a45dfa3) return matroskaMs(file);
  return mp3Ms(file);
}
