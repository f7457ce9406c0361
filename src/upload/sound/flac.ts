import type { SoundFile } from './sound-file.js';

const STREAM_INFO = 8;

/** FLAC: STREAMINFO, which is always the first block, has the rate and the number of samples (RFC 9639, 8.2). */
export async function flacMs(file: SoundFile): Promise<number | undefined> {
  const info = await file.read(STREAM_INFO, 18);
  if (info.length < 18) return undefined;
  const rate = info.readUIntBE(10, 3) >>> 4;
  const samples = (info.readUInt8(13) & 0x0f) * 2 ** 32 + info.readUInt32BE(14);
  // Zero samples: the encoder did not know.
  return rate === 0 || samples === 0 ? undefined : (samples * 1000) / rate;
}
