import type { SoundFile } from './sound-file.js';

/** How far behind the tags the first frame may begin. */
const SEARCH_BYTES = 4096;
const ID3_BYTES = 10;
/** In kbit/s, by the index of the header; 0 is free, 15 not allowed. Layer III. */
const RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];
const SAMPLES_1 = 1152;
const SAMPLES_2 = 576;

interface Frame {
  readonly isVersion1: boolean;
  readonly kilobits: number;
  readonly sampleRate: number;
  readonly isMono: boolean;
}

/** MP3: the number of frames that a Xing, Info or VBRI header gives; without one the rate of the first frame, which then is that of all. */
export async function mp3Ms(file: SoundFile): Promise<number | undefined> {
  const start = await endOfTags(file);
  const bytes = await file.read(start, SEARCH_BYTES);
  for (let place = 0; place + 4 <= bytes.length; place++) {
    const frame = readFrame(bytes.readUInt32BE(place));
    if (frame === undefined) continue;
    const samples = frame.isVersion1 ? SAMPLES_1 : SAMPLES_2;
    const frames = readFrameCount(bytes, place, frame);
    if (frames !== undefined) return (frames * samples * 1000) / frame.sampleRate;
    return ((file.size - start - place) * 8) / frame.kilobits;
  }
  return undefined;
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
  return { isVersion1, kilobits, sampleRate, isMono: ((header >>> 6) & 3) === 3 };
}

function readFrameCount(bytes: Buffer, place: number, { isVersion1, isMono }: Frame): number | undefined {
  const side = isVersion1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  const xing = place + 4 + side;
  if (xing + 12 <= bytes.length) {
    const name = bytes.toString('latin1', xing, xing + 4);
    const hasFrames = (bytes.readUInt32BE(xing + 4) & 1) === 1;
    if ((name === 'Xing' || name === 'Info') && hasFrames) return bytes.readUInt32BE(xing + 8);
  }
  const vbri = place + 36;
  if (vbri + 18 > bytes.length || bytes.toString('latin1', vbri, vbri + 4) !== 'VBRI') return undefined;
  return bytes.readUInt32BE(vbri + 14);
}
