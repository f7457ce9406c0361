import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PALETTE_SIZE = 256;

/**
 * Draws a PNG: soft waves in colours that follow from the seed. The same seed and size give the same bytes.
 * @param seed any 32-bit number.
 */
export function drawPng(width: number, height: number, seed: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits per pixel
  header[9] = 3; // palette colour: a third of the bytes of RGB
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette(seed)),
    chunk('IDAT', deflateSync(pixels(width, height, seed), { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const result = Buffer.alloc(12 + data.length);
  result.writeUInt32BE(data.length, 0);
  result.write(type, 4, 'latin1');
  result.set(data, 8);
  result.writeUInt32BE(crc32(result.subarray(4, 8 + data.length)), 8 + data.length);
  return result;
}

function palette(seed: number): Buffer {
  const colours = Buffer.alloc(PALETTE_SIZE * 3);
  for (let i = 0; i < PALETTE_SIZE; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const phase = ((seed >>> (channel * 8)) & 0xff) / 40;
      colours[i * 3 + channel] = Math.round(127.5 + 127.5 * Math.sin(i / 40 + phase));
    }
  }
  return colours;
}

/** One filter byte (0: none) and one palette index per pixel in each row. */
function pixels(width: number, height: number, seed: number): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  const across = wave(width, 3 + (seed & 3));
  const down = wave(height, 2 + ((seed >>> 4) & 3));
  for (let y = 0; y < height; y++) {
    const start = y * (width + 1) + 1;
    for (let x = 0; x < width; x++) rows[start + x] = (across[x] ?? 0) + (down[y] ?? 0);
  }
  return rows;
}

function wave(length: number, count: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.round(60 + 60 * Math.sin((i / length) * Math.PI * count)));
}
