import { isText, MEDIA_HEAD_BYTES, mediaTypeOf } from '../media/media-type.js';
import type { LinkedAttachment } from './linked-attachments.js';

/** Brands of the container that pictures of phones come in (https://mp4ra.org/registered-types/brands). */
const PHONE_PICTURES = /^hei[cxms]|^mif1/;

/**
 * The content type of a picture or file in a request, by its first bytes: what the server calls it does not matter.
 * @returns undefined for a picture that is none, or a file of an unknown kind.
 */
export function attachmentTypeOf(bytes: Buffer, kind: LinkedAttachment['kind']): string | undefined {
  const head = bytes.subarray(0, MEDIA_HEAD_BYTES);
  const picture = mediaTypeOf(head, 'image')?.contentType ?? phonePictureOf(head);
  if (picture !== undefined || kind === 'picture') return picture;
  const start = head.toString('latin1', 0, 12);
  if (start.startsWith('%PDF-')) return 'application/pdf';
  if (/^RIFF.{4}WAVE/s.test(start)) return 'audio/wav';
  if (start.startsWith('ID3') || /^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/.test(start)) return 'audio/mp3';
  return isText(head) ? 'text/plain' : undefined;
}

function phonePictureOf(head: Buffer): string | undefined {
  if (head.length < 12 || head.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  return PHONE_PICTURES.test(head.toString('latin1', 8, 12)) ? 'image/heic' : undefined;
}
