import type { SoundFile } from './sound-file.js';

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const CLUSTER = 0x1f43b675;
const TIMESTAMP_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const SCALE_DEFAULT = 1_000_000;
const NS_PER_MS = 1_000_000;
const ELEMENTS_MAX = 256;
const HEADER_BYTES_MAX = 12;

interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Matroska and WebM: `Segment/Info/Duration` (RFC 9559). What a browser records has none. */
export async function matroskaMs(file: SoundFile): Promise<number | undefined> {
  for await (const segment of elements(file, 0, file.size)) {
    if (segment.id !== SEGMENT) continue;
    for await (const part of elements(file, segment.start, segment.end)) {
      if (part.id === INFO) return await readInfo(file, part);
      if (part.id === CLUSTER) return undefined;
    }
  }
  return undefined;
}

async function readInfo(file: SoundFile, info: Element): Promise<number | undefined> {
  let scale = SCALE_DEFAULT;
  let duration: number | undefined;
  for await (const { id, start, end } of elements(file, info.start, info.end)) {
    if (id !== TIMESTAMP_SCALE && id !== DURATION) continue;
    const bytes = await file.read(start, Math.min(8, end - start));
    if (id === TIMESTAMP_SCALE && bytes.length > 0 && bytes.length <= 6) scale = bytes.readUIntBE(0, bytes.length);
    if (id === DURATION && bytes.length === 4) duration = bytes.readFloatBE(0);
    if (id === DURATION && bytes.length === 8) duration = bytes.readDoubleBE(0);
  }
  return duration === undefined || duration <= 0 ? undefined : (duration * scale) / NS_PER_MS;
}

/** The elements between two places, headers only. */
async function* elements(file: SoundFile, from: number, to: number): AsyncGenerator<Element, void> {
  let place = from;
  for (let count = 0; count < ELEMENTS_MAX && place < to; count++) {
    const header = await file.read(place, HEADER_BYTES_MAX);
    const id = readNumber(header, 0, false);
    const size = id && readNumber(header, id.length, true);
    if (id === undefined || size === undefined) return;
    const start = place + id.length + size.length;
    // An unknown size goes to the end of what it is in.
    const end = size.value === undefined ? to : Math.min(to, start + size.value);
    yield { id: id.value ?? 0, start, end };
    place = end;
  }
}

/** A number whose first byte says by its zeros how long it is; `value` is undefined when all of its bits are set. */
function readNumber(
  bytes: Buffer,
  place: number,
  isSize: boolean,
): { value: number | undefined; length: number } | undefined {
  const first = bytes[place];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (place + length > bytes.length || (!isSize && length > 4)) return undefined;
  let value = isSize ? first & (0xff >> length) : first;
  let isUnknown = isSize && value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[place + i] ?? 0;
    isUnknown &&= byte === 0xff;
    value = value * 256 + byte;
  }
  return { value: isUnknown ? undefined : value, length };
}
