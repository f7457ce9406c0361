import type { PixelSize } from './image-tokens.js';

/** Enough to reach the size in a JPEG behind its metadata and thumbnail. */
const HEAD_BYTES_MAX = 64 * 1024;
/** No vendor takes larger pictures, so a larger number is a lie or damage. */
const SIDE_MAX = 65_535;
const DATA_URI = /^data:[^,;]{0,100};base64,/i;

/** The size of a picture in a `data:` URI, from its first bytes: PNG, JPEG, GIF or WebP. Undefined for anything else. */
export function readImageSize(url: string): PixelSize | undefined {
  const head = DATA_URI.exec(url.slice(0, 128));
  if (head === null) return undefined;
  const start = head[0].length;
  const bytes = Buffer.from(url.slice(start, start + Math.ceil(HEAD_BYTES_MAX / 3) * 4), 'base64');
  const size = readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes) ?? readJpeg(bytes);
  if (size === undefined || size.width < 1 || size.height < 1) return undefined;
  return size.width > SIDE_MAX || size.height > SIDE_MAX ? undefined : size;
}

function readPng(bytes: Buffer): PixelSize | undefined {
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function readGif(bytes: Buffer): PixelSize | undefined {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 4) !== 'GIF8') return undefined;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

function readWebp(bytes: Buffer): PixelSize | undefined {
  if (bytes.length < 30 || bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}

/** Walks the segments up to the frame header. */
function readJpeg(bytes: Buffer): PixelSize | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let i = 2; i + 9 <= bytes.length; ) {
    if (bytes[i] !== 0xff) return undefined;
    const marker = bytes[i + 1] as number;
    if (marker === 0xff) {
      i++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: bytes.readUInt16BE(i + 7), height: bytes.readUInt16BE(i + 5) };
    i += 2 + Math.max(2, bytes.readUInt16BE(i + 2));
  }
  return undefined;
}
