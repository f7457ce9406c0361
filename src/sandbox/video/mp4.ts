import type { Parameters } from './h264.js';

/** Ticks per second of all times in the file. */
const TIMESCALE = 1000;
const TRACK = 1;
/** Undetermined, as three letters of five bits (ISO 639-2). */
const LANGUAGE = 0x55c4;
const UNITY_MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

/** A video without sound. */
export interface Mp4Video {
  readonly width: number;
  readonly height: number;
  readonly parameters: Parameters;
  /** One NAL unit for each picture; all are shown equally long and stand alone. */
  readonly pictures: readonly Buffer[];
  readonly pictureMs: number;
}

/** Puts pictures into an MP4 file (ISO/IEC 14496-12 and 14496-15), its index before its data, so that it plays while it loads. */
export function writeMp4(video: Mp4Video): Buffer {
  const data = Buffer.concat(video.pictures.flatMap((picture) => [uint32(picture.length), picture]));
  const type = box('ftyp', 'isom', uint32(0x200), 'isomiso2avc1mp41');
  // The index says where the data begins, and has the same length wherever that is.
  const dataAt = type.length + writeIndex(video, 0).length + 8;
  return Buffer.concat([type, writeIndex(video, dataAt), box('mdat', data)]);
}

function writeIndex(video: Mp4Video, dataAt: number): Buffer {
  const duration = video.pictures.length * video.pictureMs;
  return box(
    'moov',
    box(
      'mvhd',
      words(0, 0, 0, TIMESCALE, duration, 0x10000, 0x0100_0000, 0, 0, ...UNITY_MATRIX, 0, 0, 0, 0, 0, 0, TRACK + 1),
    ),
    box(
      'trak',
      // Flags: the track is switched on, and part of the movie.
      box(
        'tkhd',
        words(3, 0, 0, TRACK, 0, duration, 0, 0, 0, 0, ...UNITY_MATRIX, video.width * 0x10000, video.height * 0x10000),
      ),
      box(
        'mdia',
        box('mdhd', words(0, 0, 0, TIMESCALE, duration), uint16(LANGUAGE), uint16(0)),
        box('hdlr', words(0, 0), 'vide', words(0, 0, 0), 'VideoHandler\0'),
        box(
          'minf',
          box('vmhd', words(1, 0, 0)),
          box('dinf', box('dref', words(0, 1), box('url ', words(1)))),
          writeSampleTable(video, dataAt),
        ),
      ),
    ),
  );
}

function writeSampleTable(video: Mp4Video, dataAt: number): Buffer {
  const count = video.pictures.length;
  return box(
    'stbl',
    box('stsd', words(0, 1), writeSampleEntry(video)),
    box('stts', words(0, 1, count, video.pictureMs)),
    box('stsc', words(0, 1, 1, count, 1)),
    box('stsz', words(0, 0, count, ...video.pictures.map((picture) => picture.length + 4))),
    box('stco', words(0, 1, dataAt)),
  );
}

function writeSampleEntry({ width, height, parameters }: Mp4Video): Buffer {
  const { sequence, picture, profile, level } = parameters;
  return box(
    'avc1',
    words(0),
    uint16(0),
    uint16(1), // data reference
    words(0, 0, 0, 0),
    uint16(width),
    uint16(height),
    words(0x48_0000, 0x48_0000, 0), // 72 dpi
    uint16(1), // pictures per sample
    Buffer.alloc(32), // name of the compressor
    uint16(24), // colour depth
    uint16(0xffff),
    box(
      'avcC',
      // Version, profile, its constraints, level; lengths take four bytes; one set of each kind.
      Buffer.from([1, profile, sequence[2] ?? 0, level, 0xff, 0xe1]),
      uint16(sequence.length),
      sequence,
      Buffer.from([1]),
      uint16(picture.length),
      picture,
    ),
  );
}

function box(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  return Buffer.concat([uint32(content.length + 8), Buffer.from(type, 'latin1'), content]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function uint32(value: number): Buffer {
  return words(value);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
