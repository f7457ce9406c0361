import { SandboxError } from './sandbox-error.js';

/** One part of a form; `fileName` is set on files. */
export interface FormPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
}

const LINE = '\r\n';

/** Reads a whole `multipart/form-data` body that is in memory already. */
export function parseMultipart(body: Buffer, contentType: string): readonly FormPart[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new SandboxError(400, 'The multipart content type has no boundary.');
  const delimiter = Buffer.from(`${LINE}--${boundary}`);
  // The first delimiter has no line break of its own before it.
  const bytes = Buffer.concat([Buffer.from(LINE), body]);
  const parts: FormPart[] = [];
  let start = bytes.indexOf(delimiter);
  while (start !== -1) {
    const contentStart = start + delimiter.length;
    if (bytes.toString('latin1', contentStart, contentStart + 2) === '--') return parts;
    const end = bytes.indexOf(delimiter, contentStart);
    if (end === -1) break;
    parts.push(parsePart(bytes.subarray(contentStart + LINE.length, end)));
    start = end;
  }
  throw new SandboxError(400, 'The multipart body ends before its closing boundary.');
}

function parsePart(bytes: Buffer): FormPart {
  const headEnd = bytes.indexOf(LINE + LINE);
  if (headEnd === -1) throw new SandboxError(400, 'A part of the multipart body has no headers.');
  const head = bytes.toString('utf8', 0, headEnd);
  const disposition = /^content-disposition:.*$/im.exec(head)?.[0] ?? '';
  const name = /[;\s]name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw new SandboxError(400, 'A part of the multipart body has no name.');
  const fileName = /filename="([^"]*)"/i.exec(disposition)?.[1];
  return { name, fileName, bytes: bytes.subarray(headEnd + 2 * LINE.length) };
}
