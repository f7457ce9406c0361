import { flacLength } from './flac.js';
import { matroskaMs } from './matroska.js';
import { mp3Length } from './mp3.js';
import { mp4Ms } from './mp4.js';
import { oggMs } from './ogg.js';
import type { SoundFile, SoundLength } from './sound-file.js';
import { wavLength } from './wav.js';

/** Nobody sends more; a header that says so is wrong. */
const LENGTH_MS_MAX = 7 * 24 * 60 * 60 * 1000;
const MAGIC_BYTES = 12;
/** 320 kbit/s: speech needs a tenth of it. */
const OGG_BYTES_PER_MS_MAX = 40;

/**
 * How long a sound file plays: wav, mp3, flac, ogg, mp4 (m4a) and webm. Nothing is decoded: of mp3 and wav the frames and samples are
 * counted, of the others the header of the container is believed as far as it can be true.
 * @returns whole milliseconds, above 0; undefined for any other file, and where nothing can be known.
 */
export async function soundLength(file: SoundFile): Promise<SoundLength | undefined> {
  const length = await lengthOf(file, await file.read(0, MAGIC_BYTES));
  if (length === undefined || !Number.isFinite(length.ms) || length.ms <= 0 || length.ms > LENGTH_MS_MAX)
    return undefined;
  return { ...length, ms: Math.ceil(length.ms) };
}

function lengthOf(file: SoundFile, magic: Buffer): Promise<SoundLength | undefined> {
  const first = magic.toString('latin1', 0, 4);
  if (first === 'RIFF' && magic.toString('latin1', 8, 12) === 'WAVE') return wavLength(file);
  if (first === 'fLaC') return flacLength(file);
  if (first === 'OggS') return declared(oggMs(file), file.size / OGG_BYTES_PER_MS_MAX);
  if (magic.toString('latin1', 4, 8) === 'ftyp') return declared(mp4Ms(file));
  if (magic.length >= 4 && magic.readUInt32BE(0) === 0x1a45dfa3) return declared(matroskaMs(file));
  return mp3Length(file);
}

/** What a header says. @param least what it must be at least, in milliseconds. */
async function declared(said: Promise<number | undefined>, least = 0): Promise<SoundLength | undefined> {
  const ms = await said;
  return ms === undefined ? undefined : { ms: Math.max(ms, least), isCounted: false };
}
