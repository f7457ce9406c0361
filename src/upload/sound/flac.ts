import type { SoundFile, SoundLength } from './sound-file.js';

const STREAM_INFO = 8;
const FIRST_BLOCK = 4;
const BLOCK_HEADER_BYTES = 4;
const BLOCKS_MAX = 128;

/**
 * FLAC: STREAMINFO, which is always the first block, has the rate and the number of samples (RFC 9639, 8.2). What is compressed is no
 * larger than the samples themselves, so that it plays at least as long as those would.
 */
export async function flacLength(file: SoundFile): Promise<SoundLength | undefined> {
  const info = await file.read(STREAM_INFO, 18);
  if (info.length < 18) return undefined;
  const rate = info.readUIntBE(10, 3) >>> 4;
  if (rate === 0) return undefined;
  const channels = ((info.readUInt8(12) >>> 1) & 7) + 1;
  const bits = (((info.readUInt8(12) & 1) << 4) | (info.readUInt8(13) >>> 4)) + 1;
  const samples = (info.readUInt8(13) & 0x0f) * 2 ** 32 + info.readUInt32BE(14);
  const bytes = Math.max(0, file.size - (await endOfBlocks(file)));
  const least = (bytes * 8) / (channels * bits);
  // Zero samples: the encoder did not know.
  return samples === 0 ? undefined : { ms: (Math.max(samples, least) * 1000) / rate, isCounted: false };
}

/** Where the frames begin: cover pictures and other blocks come before them. */
async function endOfBlocks(file: SoundFile): Promise<number> {
  let place = FIRST_BLOCK;
  for (let block = 0; block < BLOCKS_MAX; block++) {
    const header = await file.read(place, BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES) break;
    place += BLOCK_HEADER_BYTES + header.readUIntBE(1, 3);
    if (header.readUInt8(0) >= 0x80) break;
  }
  return place;
}
