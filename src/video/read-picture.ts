import { wrongType } from '../common/body-fields.js';
import { invalidRequest } from '../common/hub-error.js';
import type { JobInput } from '../jobs/job.js';
import type { NewJobInput } from '../jobs/job-store.js';
import { pictureTypeOf } from './picture-type.js';
import { readPublicUrl } from './read-public-url.js';

/** Declared type and where the data begins; only the first characters are looked at. */
const DATA_URI = /^data:([a-z]+\/[a-z0-9.+-]{1,40});base64,/i;
const DATA_URI_HEAD_CHARS = 80;

/** A picture of a request: what is stored with the request, and, when it came with it, its bytes. */
export interface Picture {
  readonly input: JobInput;
  readonly stored: readonly NewJobInput[];
}

/**
 * Reads a picture: an address, which the vendor opens, or a data URI, whose bytes must be of the type that it declares.
 * @param param the field, which errors name.
 * @param name what the picture is stored as.
 * @throws HubError 400.
 */
export function readPicture(value: unknown, param: string, name: NewJobInput['name']): Picture {
  if (typeof value !== 'string' || value === '') throw wrongType(param, 'an http(s) URL or a data URI');
  if (!/^data:/i.test(value)) return { input: { kind: 'url', url: readPublicUrl(value, param) }, stored: [] };
  const [head = '', declared = ''] = DATA_URI.exec(value.slice(0, DATA_URI_HEAD_CHARS)) ?? [];
  if (head === '') {
    throw invalidRequest(`"${param}" must be a data URI such as "data:image/png;base64,iVBORw0...".`, param);
  }
  const text = value.slice(head.length);
  const bytes = Buffer.from(text, 'base64');
  // The decoder passes over what is not base64, so that its result is then too short.
  if (bytes.length === 0 || bytes.length !== lengthOf(text)) {
    throw invalidRequest(`"${param}" is not valid base64.`, param);
  }
  return toPicture(bytes, param, name, declared.toLowerCase().replace('image/jpg', 'image/jpeg'));
}

/** {@link readPicture} of a field that may be absent or null. @param name what it is stored as. @throws HubError 400. */
export function readOptionalPicture(
  body: Readonly<Record<string, unknown>>,
  param: string,
  name: NewJobInput['name'],
): Picture | undefined {
  const found = body[param];
  return found === undefined || found === null ? undefined : readPicture(found, param, name);
}

/**
 * A picture from its bytes.
 * @param declared the type it must have; any that the hub takes when undefined.
 * @throws HubError 400 for bytes that are no picture, or of another type.
 */
export function toPicture(bytes: Buffer, param: string, name: NewJobInput['name'], declared?: string): Picture {
  const contentType = pictureTypeOf(bytes);
  if (contentType === undefined) throw invalidRequest(`"${param}" is not a PNG, JPEG or WebP picture.`, param);
  if (declared !== undefined && declared !== contentType) {
    throw invalidRequest(`"${param}" says that it is ${declared}, but it is ${contentType}.`, param);
  }
  return { input: { kind: 'stored', name }, stored: [{ name, contentType, base64: bytes.toString('base64') }] };
}

function lengthOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor(((base64.length - padding) * 3) / 4);
}
