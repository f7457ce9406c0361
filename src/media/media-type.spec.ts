import { gif, jpeg, mp4, png, quicktime, webm, webp } from '../../test/support/media-samples.js';
import { isText, MEDIA_HEAD_BYTES, mediaTypeOf } from './media-type.js';

const head = (bytes: Buffer): Buffer => bytes.subarray(0, MEDIA_HEAD_BYTES);
const ftyp = (brand: string): Buffer => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0`, 'latin1');

describe('mediaTypeOf', () => {
  it.each([
    ['an MP4', mp4(), 'video/mp4', 'mp4'],
    ['a fragmented MP4', ftyp('iso5'), 'video/mp4', 'mp4'],
    ['a QuickTime film', quicktime(), 'video/quicktime', 'mov'],
    ['a WebM', webm(), 'video/webm', 'webm'],
  ])('knows %s', (_what, bytes, contentType, extension) => {
    expect(mediaTypeOf(head(bytes), 'video')).toEqual({ contentType, extension });
    expect(mediaTypeOf(head(bytes), 'image')).toBeUndefined();
  });

  it.each([
    ['a PNG', png(), 'image/png', 'png'],
    ['a JPEG', jpeg(), 'image/jpeg', 'jpg'],
    ['a GIF', gif(), 'image/gif', 'gif'],
    ['a WebP', webp(), 'image/webp', 'webp'],
  ])('knows %s', (_what, bytes, contentType, extension) => {
    expect(mediaTypeOf(head(bytes), 'image')).toEqual({ contentType, extension });
    expect(mediaTypeOf(head(bytes), 'video')).toBeUndefined();
  });

  it.each([
    ['a picture in the container of MP4', ftyp('avif')],
    ['a picture of a telephone', ftyp('heic')],
    ['sound in the container of MP4', ftyp('M4A ')],
    ['a Matroska file', Buffer.from('\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska', 'latin1')],
    ['an AVI, which begins like a WebP', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1')],
    ['a page', Buffer.from('<!doctype html><title>Not found</title>')],
    ['a script in SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['nothing', Buffer.alloc(0)],
    ['the beginning of an MP4, cut', mp4().subarray(0, 11)],
  ])('does not take %s for a result', (_what, bytes) => {
    expect(mediaTypeOf(head(bytes), 'video')).toBeUndefined();
    expect(mediaTypeOf(head(bytes), 'image')).toBeUndefined();
  });
});

describe('isText', () => {
  it('tells pages from files', () => {
    expect(isText(Buffer.from('\r\n\t<html>一只猫</html>'))).toBe(true);
    expect(isText(Buffer.from('{"error":"expired"}'))).toBe(true);
    for (const file of [mp4(), webm(), png(), jpeg(), webp(), Buffer.alloc(0)]) expect(isText(head(file))).toBe(false);
  });
});
