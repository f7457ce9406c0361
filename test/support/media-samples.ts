/** Beginnings of files of each type that a result may have, and then anything. */

/** Odd in length, so that no part of a file is like another. */
const PATTERN = Buffer.from(Array.from({ length: 251 }, (_, index) => (index * 7) % 251));

function startingWith(start: string, bytes: number): Buffer {
  const head = Buffer.from(start, 'latin1');
  return Buffer.concat([head, Buffer.alloc(Math.max(0, bytes - head.length), PATTERN)]);
}

/** An MP4 as far as its first bytes tell. */
export const mp4 = (bytes = 1000): Buffer => startingWith('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', bytes);
export const quicktime = (bytes = 1000): Buffer => startingWith('\0\0\0\x14ftypqt  \0\0\x02\0qt  ', bytes);
export const webm = (bytes = 1000): Buffer =>
  startingWith(
    '\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm',
    bytes,
  );
export const png = (bytes = 1000): Buffer => startingWith('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', bytes);
export const jpeg = (bytes = 1000): Buffer => startingWith('\xff\xd8\xff\xe0\0\x10JFIF', bytes);
export const gif = (bytes = 1000): Buffer => startingWith('GIF89a', bytes);
export const webp = (bytes = 1000): Buffer => startingWith('RIFF\0\0\0\0WEBPVP8 ', bytes);
