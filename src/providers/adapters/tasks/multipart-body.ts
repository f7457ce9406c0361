import { createHash } from 'node:crypto';

/** A file of a form. */
export interface FormFile {
  readonly contentType: string;
  /** Without a `data:` prefix. */
  readonly base64: string;
}

const LINE = '\r\n';

/**
 * A form as multipart/form-data. The boundary is made of what is in the form, so that the same form gives the same bytes, and none of
 * its fields can hold it.
 * @param fields by names that are safe as they are; undefined ones are left out.
 */
export function toMultipart(fields: Readonly<Record<string, string | FormFile | undefined>>): {
  readonly body: Uint8Array;
  readonly contentType: string;
} {
  const parts = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [toPart(name, value)]));
  const hash = createHash('sha256');
  for (const { head, content } of parts) hash.update(head).update(content);
  const boundary = `form-${hash.digest('hex').slice(0, 40)}`;
  const chunks = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}${LINE}${head}${LINE}${LINE}`),
    content,
    Buffer.from(LINE),
  ]);
  const body = Buffer.concat([...chunks, Buffer.from(`--${boundary}--${LINE}`)]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

function toPart(name: string, value: string | FormFile): { readonly head: string; readonly content: Buffer } {
  const head = `content-disposition: form-data; name="${name}"`;
  if (typeof value === 'string') return { head, content: Buffer.from(value) };
  const { contentType, base64 } = value;
  return {
    head: `${head}; filename="${name}"${LINE}content-type: ${contentType}`,
    content: Buffer.from(base64, 'base64'),
  };
}
