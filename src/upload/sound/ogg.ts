import type { SoundFile } from './sound-file.js';

const HEAD_BYTES = 512;
/** A page has at most 65,307 bytes, so that the last one begins within these. */
const TAIL_BYTES = 65_536;
/** Opus counts at this rate, whatever the sound was recorded with (RFC 7845). */
const OPUS_RATE = 48_000;
const GRANULE = 6;

/** Ogg with Opus or Vorbis: the place that the last page has in the sound. */
export async function oggMs(file: SoundFile): Promise<number | undefined> {
  const head = await file.read(0, HEAD_BYTES);
  const codec = readCodec(head);
  if (codec === undefined) return undefined;
  const tail = await file.read(Math.max(0, file.size - TAIL_BYTES), TAIL_BYTES);
  for (
    let place = tail.lastIndexOf('OggS');
    place >= 0;
    place = place === 0 ? -1 : tail.lastIndexOf('OggS', place - 1)
  ) {
    if (place + GRANULE + 8 > tail.length) continue;
    const granule = tail.readBigInt64LE(place + GRANULE);
    // -1: no packet ends on this page.
    if (granule >= 0n) return (Math.max(0, Number(granule) - codec.skipped) * 1000) / codec.rate;
  }
  return undefined;
}

function readCodec(head: Buffer): { rate: number; skipped: number } | undefined {
  const opus = head.indexOf('OpusHead');
  if (opus >= 0 && opus + 12 <= head.length) return { rate: OPUS_RATE, skipped: head.readUInt16LE(opus + 10) };
  const vorbis = head.indexOf('\x01vorbis', 0, 'latin1');
  if (vorbis < 0 || vorbis + 16 > head.length) return undefined;
  const rate = head.readUInt32LE(vorbis + 12);
  return rate === 0 ? undefined : { rate, skipped: 0 };
}
