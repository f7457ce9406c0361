import type { SoundFile } from './sound-file.js';

const CHUNKS_MAX = 64;
const HEADER_BYTES = 8;
const FIRST_CHUNK = 12;

/** RIFF/WAVE: bytes of sound by bytes a second. A data chunk of unknown length (0 or 0xFFFFFFFF, as recorders write) goes to the end. */
export async function wavMs(file: SoundFile): Promise<number | undefined> {
  let bytesPerSecond: number | undefined;
  let place = FIRST_CHUNK;
  for (let chunk = 0; chunk < CHUNKS_MAX; chunk++) {
    const header = await file.read(place, HEADER_BYTES);
    if (header.length < HEADER_BYTES) return undefined;
    const name = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    if (name === 'fmt ') {
      const format = await file.read(place + HEADER_BYTES, 12);
      if (format.length < 12) return undefined;
      bytesPerSecond = format.readUInt32LE(8);
    } else if (name === 'data') {
      if (bytesPerSecond === undefined || bytesPerSecond === 0) return undefined;
      const left = file.size - place - HEADER_BYTES;
      const bytes = size === 0 || size > left ? left : size;
      return (bytes * 1000) / bytesPerSecond;
    }
    // Chunks begin at even places.
    place += HEADER_BYTES + size + (size % 2);
  }
  return undefined;
}
