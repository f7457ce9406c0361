import { readImageSize } from './read-image-size.js';

function uri(bytes: readonly number[] | Buffer, type = 'image/png'): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

const text = (value: string): number[] => [...Buffer.from(value, 'latin1')];
const PNG = [0x89, ...text('PNG\r\n\x1a\n'), 0, 0, 0, 13, ...text('IHDR'), 0, 0, 2, 128, 0, 0, 1, 224, 8, 6, 0, 0, 0];
const GIF = [...text('GIF89a'), 0x40, 0x01, 0xc8, 0x00, 0, 0, 0];
const JPEG_HEAD = [0xff, 0xd8, 0xff, 0xe0, 0, 6, 1, 2, 3, 4, 0xff, 0xff, 0xc4, 0, 3, 9];
const JPEG = [...JPEG_HEAD, 0xff, 0xc2, 0, 17, 8, 0x03, 0x00, 0x04, 0x00, 3, 1, 2];
const riff = (kind: string, rest: readonly number[]): number[] => [
  ...text('RIFF'),
  0,
  0,
  0,
  0,
  ...text(`WEBP${kind}`),
  0,
  0,
  0,
  0,
  ...rest,
  ...new Array<number>(12).fill(0),
];

describe('readImageSize', () => {
  it.each([
    ['PNG', PNG, { width: 640, height: 480 }],
    ['GIF', GIF, { width: 320, height: 200 }],
    ['JPEG behind other segments', JPEG, { width: 1024, height: 768 }],
    ['extended WebP', riff('VP8X', [0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]), { width: 640, height: 480 }],
    ['lossless WebP', riff('VP8L', [0x2f, 0x7f, 0xc2, 0x77, 0x00]), { width: 640, height: 480 }],
    ['lossy WebP', riff('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1]), { width: 640, height: 480 }],
  ])('reads a %s', (_kind, bytes, size) => {
    expect(readImageSize(uri(bytes))).toEqual(size);
  });

  it.each([
    ['a link', 'https://example.test/cat.png'],
    ['no base64', 'data:image/png,abc'],
    ['nothing', ''],
    ['an empty picture', uri([])],
    ['something else', uri(text('%PDF-1.7 and so on, longer than the headers'))],
    ['a cut PNG', uri(PNG.slice(0, 20))],
    ['a PNG without width', uri(PNG.map((byte, i) => (i >= 16 && i < 20 ? 0 : byte)))],
    ['a PNG of absurd size', uri(PNG.map((byte, i) => (i === 16 ? 0xff : byte)))],
    ['a JPEG without frame', uri(JPEG_HEAD)],
    ['a JPEG of broken segments', uri([0xff, 0xd8, 0xff, 0xe0, 0, 0, 1, 2, 3, 4, 5, 6])],
    ['a WebP of an unknown kind', uri(riff('XXXX', [1, 2, 3]))],
  ])('reads no size from %s', (_what, url) => {
    expect(readImageSize(url)).toBeUndefined();
  });
});
