import type { SoundFile, SoundLength } from './sound-file.js';

const CHUNKS_MAX = 64;
const HEADER_BYTES = 8;
const FIRST_CHUNK = 12;
const FORMAT_BYTES = 26;
const EXTENSIBLE = 0xfffe;
/** By the codec's number: bits of a sample; 0 where the header says it. Others, whose rate is only declared, are not known. */
const BITS: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 0, 6: 8, 7: 8, 17: 4 };

/**
 * RIFF/WAVE: bytes of sound by bytes a second, which are those that the samples take: nobody who decodes goes by the rate that the header
 * declares. A data chunk of unknown length (0 or 0xFFFFFFFF, as recorders write) goes to the end, and there may be more than one.
 */
export async function wavLength(file: SoundFile): Promise<SoundLength | undefined> {
  let bytesPerSecond: number | undefined;
  let bytes = 0;
  let place = FIRST_CHUNK;
  for (let chunk = 0; chunk < CHUNKS_MAX && place < file.size; chunk++) {
    const header = await file.read(place, HEADER_BYTES);
    if (header.length < HEADER_BYTES) break;
    const name = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    const left = file.size - place - HEADER_BYTES;
    if (name === 'fmt ') bytesPerSecond ??= rateOf(await file.read(place + HEADER_BYTES, Math.min(size, FORMAT_BYTES)));
    else if (name === 'data') {
      if (bytesPerSecond === undefined) return undefined;
      const isOpen = size === 0 || size > left;
      bytes += isOpen ? left : size;
      if (isOpen) break;
    }
    // Chunks begin at even places.
    place += HEADER_BYTES + size + (size % 2);
    // Whoever writes so many chunks hides something behind them.
    if (chunk === CHUNKS_MAX - 1) bytes += Math.max(0, file.size - place);
  }
  return bytesPerSecond === undefined || bytes === 0
    ? undefined
    : { ms: (bytes * 1000) / bytesPerSecond, isCounted: true };
}

function rateOf(format: Buffer): number | undefined {
  if (format.length < 16) return undefined;
  const tag = format.readUInt16LE(0);
  const codec = tag === EXTENSIBLE && format.length >= FORMAT_BYTES ? format.readUInt16LE(24) : tag;
  const bits = BITS[codec];
  if (bits === undefined) return undefined;
  const rate = (format.readUInt16LE(2) * format.readUInt32LE(4) * (bits || format.readUInt16LE(14))) / 8;
  return rate > 0 ? rate : undefined;
}
