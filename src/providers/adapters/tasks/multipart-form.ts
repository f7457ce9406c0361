import type { MediaInput, TaskCall } from '../../canonical/video.js';

const LINE = '\r\n';

/** A part of a form: text, or a picture as a file. */
export type FormPart = readonly [name: string, value: string | (MediaInput & { readonly kind: 'bytes' })];

/**
 * A form as the body of a call.
 * @param externalId the hub's id of the request: it is random and unknown to whoever sent a picture, so that no picture can hold the
 *   boundary that is made of it.
 */
export function toForm(parts: readonly FormPart[], externalId: string): Required<Pick<TaskCall, 'headers' | 'body'>> {
  const boundary = `hub-${externalId}`;
  const bytes = parts.flatMap(([name, value]) => {
    const head = openPart(boundary, name);
    return typeof value === 'string' ? [Buffer.from(`${head}${LINE}${LINE}${value}${LINE}`)] : toFile(head, value);
  });
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...bytes, Buffer.from(`--${boundary}--${LINE}`)]),
  };
}

function toFile(head: string, { contentType: given, base64 }: MediaInput & { kind: 'bytes' }): Uint8Array[] {
  const isPlainType = /^image\/[a-z0-9.+-]+$/i.test(given);
  const contentType = isPlainType ? given.toLowerCase() : 'application/octet-stream';
  const extension = isPlainType ? contentType.slice('image/'.length).replace('jpeg', 'jpg') : 'bin';
  const file = `${head}; filename="image.${extension}"${LINE}content-type: ${contentType}${LINE}${LINE}`;
  return [Buffer.from(file), Buffer.from(base64, 'base64'), Buffer.from(LINE)];
}

/** Names are our own or those the operator allowed; a quote or line break in one would end the header. */
function openPart(boundary: string, name: string): string {
  return `--${boundary}${LINE}content-disposition: form-data; name="${name.replace(/["\r\n]/g, '_')}"`;
}
