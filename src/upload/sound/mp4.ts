import type { SoundFile } from './sound-file.js';

const BOXES_MAX = 256;

/** MP4 and M4A: `moov/mvhd` (ISO/IEC 14496-12, 8.2.2). A file in fragments, whose header says 0, is not added up. */
export async function mp4Ms(file: SoundFile): Promise<number | undefined> {
  const movie = await findBox(file, 'moov', 0, file.size);
  if (movie === undefined) return undefined;
  const header = await findBox(file, 'mvhd', movie.start, movie.end);
  if (header === undefined) return undefined;
  const bytes = await file.read(header.start, 32);
  if (bytes.length < 32) return undefined;
  const isLong = bytes.readUInt8(0) === 1;
  const scale = bytes.readUInt32BE(isLong ? 20 : 12);
  const length = isLong ? Number(bytes.readBigUInt64BE(24)) : bytes.readUInt32BE(16);
  return scale === 0 || length === 0 ? undefined : (length * 1000) / scale;
}

async function findBox(
  file: SoundFile,
  name: string,
  from: number,
  to: number,
): Promise<{ start: number; end: number } | undefined> {
  let place = from;
  for (let box = 0; box < BOXES_MAX && place + 8 <= to; box++) {
    const header = await file.read(place, 16);
    if (header.length < 8) return undefined;
    const short = header.readUInt32BE(0);
    const isLong = short === 1 && header.length === 16;
    const size = short === 0 ? to - place : isLong ? Number(header.readBigUInt64BE(8)) : short;
    const headerBytes = isLong ? 16 : 8;
    if (size < headerBytes) return undefined;
    if (header.toString('latin1', 4, 8) === name)
      return { start: place + headerBytes, end: Math.min(to, place + size) };
    place += size;
  }
  return undefined;
}
