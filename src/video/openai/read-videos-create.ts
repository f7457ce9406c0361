import { parseSource, wrongType } from '../../common/body-fields.js';
import { invalidRequest } from '../../common/hub-error.js';
import { isObject } from '../../common/is-object.js';
import { fromVideoSize } from '../../providers/canonical/video-size.js';
import type { MultipartPart } from '../../upload/multipart-scanner.js';
import type { SpooledUpload } from '../../upload/spooled-upload.js';
import { readPrompt, readText, readUserIdentifier, refuseUnknown, unknownParameter } from '../job-fields.js';
import { type Picture, readPicture, toPicture } from '../read-picture.js';
import type { Submission } from '../submission.js';

const FIELDS: ReadonlySet<string> = new Set([
  'prompt',
  'model',
  'seconds',
  'size',
  'input_reference',
  'user',
  'user_identifier',
]);
const REFERENCE = 'input_reference';
const REFERENCE_URL = 'input_reference[image_url]';
const REFERENCE_ID = 'input_reference[file_id]';
const NAME_CHARS_MAX = 256;
const SECONDS_MAX = 3600;

type Body = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON form of `POST /videos`.
 * @throws HubError 400 that names the field.
 */
export function readVideosJson(bytes: Uint8Array): Submission {
  const source = parseSource(bytes, FIELDS);
  refuseUnknown(source, FIELDS);
  const reference = source.value[REFERENCE];
  return toSubmission(
    source.value,
    reference === undefined || reference === null ? undefined : readReference(reference),
  );
}

/**
 * Reads the multipart form of `POST /videos`, as the official SDKs send it.
 * @param pictureBytesMax how large a picture may be.
 * @throws HubError 400 that names the field, 413 for a picture that is too large.
 */
export async function readVideosUpload(upload: SpooledUpload, pictureBytesMax: number): Promise<Submission> {
  const value: Record<string, string> = {};
  let file: MultipartPart | undefined;
  for (const part of upload.parts) {
    const { name } = part;
    const field = name === REFERENCE_URL || name === REFERENCE_ID ? REFERENCE : name;
    if (!FIELDS.has(field)) throw unknownParameter(name, FIELDS);
    if (Object.hasOwn(value, field) || (field === REFERENCE && file !== undefined)) {
      throw invalidRequest(`"${field}" is given more than once.`, field, 'duplicate_parameter');
    }
    if (name === REFERENCE_ID) throw noFileIds();
    if (!part.isFile) value[field] = part.text ?? '';
    else if (field === REFERENCE) file = part;
    else throw wrongType(field, 'a text, not a file');
  }
  const link = value[REFERENCE];
  if (file !== undefined) {
    const bytes = await upload.read(file, pictureBytesMax);
    return toSubmission(value, toPicture(bytes, REFERENCE, 'image'));
  }
  return toSubmission(value, link === undefined ? undefined : readPicture(link, REFERENCE, 'image'));
}

function readReference(reference: unknown): Picture {
  if (typeof reference === 'string') return readPicture(reference, REFERENCE, 'image');
  if (!isObject(reference)) throw wrongType(REFERENCE, 'a file, or an object with "image_url"');
  const { image_url: link, file_id: fileId, ...rest } = reference;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw unknownParameter(`${REFERENCE}.${unknown}`, new Set([`${REFERENCE}.image_url`]));
  if (fileId !== undefined && fileId !== null) throw noFileIds();
  return readPicture(link, `${REFERENCE}.image_url`, 'image');
}

function noFileIds(): Error {
  const message = `This hub keeps no files to refer to: send the picture itself as "${REFERENCE}", or its "image_url".`;
  return invalidRequest(message, `${REFERENCE}.file_id`, 'unsupported_operation');
}

function toSubmission(value: Body, picture: Picture | undefined): Submission {
  const size = readText(value, 'size', 32)?.toLowerCase();
  return {
    model: readText(value, 'model', NAME_CHARS_MAX),
    userIdentifier: readUserIdentifier(value) || readUserIdentifier(value, 'user'),
    request: {
      prompt: readPrompt(value, true),
      image: picture?.input,
      durationSeconds: readSeconds(value['seconds']),
      ...(size === undefined ? {} : readSize(size)),
      size,
      count: 1,
    },
    inputs: picture?.stored ?? [],
  };
}

/** OpenAI writes them as text; many clients send a number. */
function readSeconds(seconds: unknown): number | undefined {
  if (seconds === undefined || seconds === null) return undefined;
  const text = typeof seconds === 'number' ? String(seconds) : seconds;
  if (typeof text !== 'string' || !/^[1-9]\d{0,3}$/.test(text) || Number(text) > SECONDS_MAX) {
    throw wrongType('seconds', 'whole seconds as a text, such as "4"');
  }
  return Number(text);
}

function readSize(size: string): { resolution: string; aspectRatio: string } {
  const { resolution, aspectRatio } = fromVideoSize(size) ?? {};
  if (resolution === undefined || aspectRatio === undefined) {
    throw wrongType('size', 'width and height of a common aspect ratio, such as "1280x720"');
  }
  return { resolution, aspectRatio };
}
