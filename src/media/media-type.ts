import type { JobKind } from '../jobs/job.js';

/** A type of file that results may have. */
export interface MediaType {
  readonly contentType: string;
  /** Without a dot. */
  readonly extension: string;
}

/** So many bytes at the beginning of a file tell its type. */
export const MEDIA_HEAD_BYTES = 64;

const MP4: MediaType = { contentType: 'video/mp4', extension: 'mp4' };
const QUICKTIME: MediaType = { contentType: 'video/quicktime', extension: 'mov' };
const WEBM: MediaType = { contentType: 'video/webm', extension: 'webm' };
const PNG: MediaType = { contentType: 'image/png', extension: 'png' };
const JPEG: MediaType = { contentType: 'image/jpeg', extension: 'jpg' };
const GIF: MediaType = { contentType: 'image/gif', extension: 'gif' };
const WEBP: MediaType = { contentType: 'image/webp', extension: 'webp' };

/** Major brands of the same container that are pictures or sound (https://mp4ra.org/registered-types/brands). */
const NO_VIDEO = /^(avif|avis|hei[cfmsx]|hev[cx]|mif1|msf1|miaf|jpe?[gc]|crx |M4[AB] )/;

/**
 * Tells the type of a file by its first bytes. What the sender called it does not matter.
 *
 * @param head the first {@link MEDIA_HEAD_BYTES} bytes, or the whole of a shorter file.
 * @returns undefined when it is none that a job of this kind makes.
 */
export function mediaTypeOf(head: Buffer, kind: JobKind): MediaType | undefined {
  return kind === 'video' ? videoTypeOf(head) : imageTypeOf(head);
}

/** True when the first bytes are text, such as an error page in HTML, JSON or XML that came in place of the file. */
export function isText(head: Buffer): boolean {
  return head.length > 0 && !head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}

function videoTypeOf(head: Buffer): MediaType | undefined {
  // ISO/IEC 14496-12, section 4.3: size, `ftyp`, major brand.
  if (head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp') {
    const brand = head.toString('latin1', 8, 12);
    if (NO_VIDEO.test(brand)) return undefined;
    return brand === 'qt  ' ? QUICKTIME : MP4;
  }
  // RFC 8794, section 11.2.1: an EBML header, in it the document type; `matroska` would be another.
  const text = head.toString('latin1');
  return text.startsWith('\x1a\x45\xdf\xa3') && text.includes('webm') ? WEBM : undefined;
}

function imageTypeOf(head: Buffer): MediaType | undefined {
  const text = head.toString('latin1', 0, 12);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return PNG;
  if (text.startsWith('\xff\xd8\xff')) return JPEG;
  if (/^GIF8[79]a/.test(text)) return GIF;
  if (/^RIFF.{4}WEBP/s.test(text)) return WEBP;
  return undefined;
}
