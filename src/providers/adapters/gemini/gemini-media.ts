import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { unsupported, wrong } from './refusals.js';

/** A part of a content, as Gemini has it. */
export type GeminiPart = Record<string, unknown>;

/** A data URI names its type near its beginning; the bytes behind it may be megabytes. */
const HEAD_CHARACTERS = 256;
const AUDIO_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
};
const FILE_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
};

/**
 * A picture, sound or file of a user message.
 * @param path where it stands in the request, such as `messages[0].content[1]`.
 * @returns undefined when the part is none of these.
 * @throws ProviderError for one that cannot be sent.
 */
export function toMediaPart(part: Readonly<WireObject>, path: string, dropped: Set<string>): GeminiPart | undefined {
  switch (part['type']) {
    case 'image_url':
      return toImage(part['image_url'], `${path}.image_url`, dropped);
    case 'input_audio':
      return toSound(part['input_audio'], `${path}.input_audio`);
    case 'file':
      return toFile(part['file'], `${path}.file`);
    default:
      return undefined;
  }
}

function toImage(image: unknown, path: string, dropped: Set<string>): GeminiPart {
  const url = isObject(image) ? image['url'] : image;
  if (!isText(url)) throw wrong(path, `"${path}" must be an object with a "url".`);
  const detail = isObject(image) ? image['detail'] : undefined;
  if (isText(detail) && detail !== 'auto') dropped.add('messages[].content[].image_url.detail');
  return inline(url, path);
}

function toSound(sound: unknown, path: string): GeminiPart {
  const data = isObject(sound) ? sound['data'] : undefined;
  const format = isObject(sound) ? sound['format'] : undefined;
  if (!isText(data) || !isText(format)) throw wrong(path, `"${path}" must be an object with "data" and "format".`);
  const mimeType = AUDIO_TYPES[format];
  if (mimeType === undefined)
    throw unsupported(`${path}.format`, `This model takes no sound in the format "${format}".`);
  return { inlineData: { mimeType, data } };
}

function toFile(file: unknown, path: string): GeminiPart {
  if (isObject(file) && isText(file['file_id']))
    throw unsupported(
      `${path}.file_id`,
      'This model takes files only with their content; send "file_data" instead of "file_id".',
    );
  const data = isObject(file) ? file['file_data'] : undefined;
  if (!isText(data)) throw wrong(path, `"${path}" must be an object with "file_data".`);
  if (data.startsWith('data:') || /^https?:/.test(data.slice(0, HEAD_CHARACTERS)))
    return inline(data, `${path}.file_data`);
  const name = isObject(file) && isText(file['filename']) ? file['filename'] : '';
  const mimeType = FILE_TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  if (mimeType === undefined)
    throw wrong(
      `${path}.file_data`,
      `"${path}.file_data" must be a data URI such as "data:application/pdf;base64,...".`,
    );
  return { inlineData: { mimeType, data } };
}

/** The bytes of a data URI. What lies behind an address the relay has fetched before. */
function inline(uri: string, path: string): GeminiPart {
  if (!uri.startsWith('data:')) throw unsupported(path, `"${path}" must be a data URI for this model.`);
  const comma = uri.slice(0, HEAD_CHARACTERS).indexOf(',');
  const [type = '', ...parameters] = uri.slice('data:'.length, Math.max(comma, 0)).split(';');
  if (comma === -1 || type === '') throw wrong(path, `"${path}" must be a data URI that names its type.`);
  const rest = uri.slice(comma + 1);
  const isBase64 = parameters.at(-1)?.trim() === 'base64';
  return { inlineData: { mimeType: toMimeType(type), data: isBase64 ? rest : encode(rest, path) } };
}

function toMimeType(type: string): string {
  const lower = type.trim().toLowerCase();
  // What many write for the registered image/jpeg.
  return lower === 'image/jpg' ? 'image/jpeg' : lower;
}

function encode(escaped: string, path: string): string {
  try {
    return Buffer.from(decodeURIComponent(escaped)).toString('base64');
  } catch {
    throw wrong(path, `"${path}" is not a well-formed data URI.`);
  }
}
