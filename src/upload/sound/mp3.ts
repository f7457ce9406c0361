import type { SoundFile, SoundLength } from './sound-file.js';

/** How far behind the tags the first frame may begin. */
const SEARCH_BYTES = 4096;
const ID3_BYTES = 10;
const WINDOW_BYTES = 256 * 1024;
/** In kbit/s, by the index of the header; 0 is free, 15 not allowed. Layer III. */
const RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];
const SAMPLES_1 = 1152;
const SAMPLES_2 = 576;
const BITS_PER_BYTE = 8;

interface Frame {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * MP3: the frames, one after the other. A header that tells their number (Xing, VBRI) is written by whoever sends the file, as is the
 * rate of the first frame, and those who decode it go by neither.
 * @returns undefined when most of the file is no frames.
 */
export async function mp3Length(file: SoundFile): Promise<SoundLength | undefined> {
  const start = await endOfTags(file);
  if (!hasFrame(await file.read(start, SEARCH_BYTES))) return undefined;
  let ms = 0;
  let framed = 0;
  let place = start;
  while (place + 4 <= file.size) {
    const bytes = await file.read(place, WINDOW_BYTES);
    if (bytes.length < 4) break;
    let at = 0;
    while (at + 4 <= bytes.length) {
      const frame = readFrame(bytes.readUInt32BE(at));
      if (frame !== undefined) {
        ms += frame.ms;
        framed += frame.bytes;
      }
      at += frame?.bytes ?? 1;
    }
    place += at;
  }
  return framed * 2 < file.size - start ? undefined : { ms, isCounted: true };
}

function hasFrame(bytes: Buffer): boolean {
  for (let place = 0; place + 4 <= bytes.length; place++) {
    if (readFrame(bytes.readUInt32BE(place)) !== undefined) return true;
  }
  return false;
}

async function endOfTags(file: SoundFile): Promise<number> {
  const tag = await file.read(0, ID3_BYTES);
  if (tag.length < ID3_BYTES || tag.toString('latin1', 0, 3) !== 'ID3') return 0;
  const [a = 0, b = 0, c = 0, d = 0] = tag.subarray(6, 10);
  // Seven bits each, so that a tag holds nothing that looks like a frame.
  return ID3_BYTES + ((a & 0x7f) << 21) + ((b & 0x7f) << 14) + ((c & 0x7f) << 7) + (d & 0x7f);
}

/** The header of a frame of layer III; undefined for anything else. */
function readFrame(header: number): Frame | undefined {
  const version = (header >>> 19) & 3;
  const isLayer3 = ((header >>> 17) & 3) === 1;
  if (header >>> 21 !== 0x7ff || version === 1 || !isLayer3) return undefined;
  const isVersion1 = version === 3;
  const kilobits = (isVersion1 ? RATES_1 : RATES_2)[(header >>> 12) & 15] ?? 0;
  const base = SAMPLE_RATES[(header >>> 10) & 3];
  if (kilobits === 0 || base === undefined) return undefined;
  const sampleRate = isVersion1 ? base : version === 2 ? base / 2 : base / 4;
  const samples = isVersion1 ? SAMPLES_1 : SAMPLES_2;
  const padding = (header >>> 9) & 1;
  return {
    bytes: Math.floor((samples * kilobits * 1000) / BITS_PER_BYTE / sampleRate) + padding,
    ms: (samples * 1000) / sampleRate,
  };
}
