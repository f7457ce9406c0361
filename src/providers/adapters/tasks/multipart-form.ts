import { createHash } from 'node:crypto';
import type { MediaInput } from '../../canonical/video.js';

const LINE = '\r\n';

/** A part of a form: text, or a picture as a file; none where its value is undefined. */
export type FormPart = readonly [name: string, value: string | (MediaInput & { readonly kind: 'bytes' }) | undefined];

/**
 * A form as the body of a call. The boundary is made of what is in the form, so that the same form gives the same bytes, and none of its
 * parts can hold it.
 */
export function toForm(parts: readonly FormPart[]): {
  readonly headers: { readonly 'content-type': string };
  readonly body: Uint8Array;
} {
  const written = parts.flatMap(([name, value]) => (value === undefined ? [] : [toPart(name, value)]));
  const hash = createHash('sha256');
  for (const { head, content } of written) hash.update(head).update(content);
  const boundary = `form-${hash.digest('hex').slice(0, 40)}`;
  const chunks = written.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}${LINE}${head}${LINE}${LINE}`),
    content,
    Buffer.from(LINE),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--${LINE}`)]),
  };
}

/** Names are our own or those the operator allowed; a quote or line break in one would end the header. */
function toPart(name: string, value: NonNullable<FormPart[1]>): { readonly head: string; readonly content: Buffer } {
  const head = `content-disposition: form-data; name="${name.replace(/["\r\n]/g, '_')}"`;
  if (typeof value === 'string') return { head, content: Buffer.from(value) };
  const isPlainType = /^image\/[a-z0-9.+-]+$/i.test(value.contentType);
  const contentType = isPlainType ? value.contentType.toLowerCase() : 'application/octet-stream';
  const extension = isPlainType ? contentType.slice('image/'.length).replace('jpeg', 'jpg') : 'bin';
  return {
    head: `${head}; filename="image.${extension}"${LINE}content-type: ${contentType}`,
    content: Buffer.from(value.base64, 'base64'),
  };
}
