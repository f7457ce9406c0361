import { isObject } from '../../../common/is-object.js';
import type { CacheHints } from './cache-hints.js';
import { malformed, unsupported } from './refusals.js';

type Part = Readonly<Record<string, unknown>>;

/** What translating one request has to report. */
export interface Notes {
  readonly cache: CacheHints;
  /** Names of what was left out. */
  readonly dropped: Set<string>;
}

const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** A text block as JSON text; undefined for one of white space alone, which the vendor refuses. */
export function textBlock(text: string): string | undefined {
  return /\S/.test(text) ? `{"type":"text","text":${JSON.stringify(text)}}` : undefined;
}

/**
 * The content of a message as blocks, JSON texts.
 * @param path of the content, for errors, such as `messages[2].content`.
 * @throws ProviderError that names the part that has no counterpart.
 */
export function toBlocks(content: unknown, path: string, notes: Notes): string[] {
  if (typeof content === 'string') {
    const block = textBlock(content);
    return block === undefined ? [] : [block];
  }
  if (!Array.isArray(content)) return [];
  const blocks: string[] = [];
  for (let i = 0; i < content.length; i++) {
    const part: unknown = content[i];
    if (!isObject(part)) continue;
    const block = toBlock(part, `${path}[${i}]`, notes);
    if (block !== undefined) blocks.push(notes.cache.apply(block, part));
  }
  return blocks;
}

function toBlock(part: Part, path: string, notes: Notes): string | undefined {
  switch (part['type']) {
    case 'text':
      return textBlock(textOf(part['text'], `${path}.text`));
    case 'refusal':
      return textBlock(textOf(part['refusal'], `${path}.refusal`));
    case 'image_url':
      return imageBlock(part['image_url'], `${path}.image_url`, notes);
    case 'file':
      return fileBlock(part['file'], `${path}.file`);
    case 'input_audio':
      throw unsupported(`${path}.input_audio`, 'This model cannot hear: it takes no sound.');
    default:
      throw unsupported(
        `${path}.type`,
        `This model takes no content parts of the type ${JSON.stringify(part['type'])}.`,
      );
  }
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string') throw malformed(path, `"${path}" must be a string.`);
  return value;
}

function imageBlock(image: unknown, path: string, notes: Notes): string {
  const holder: Part = isObject(image) ? image : { url: image };
  const { detail } = holder;
  // How closely to look is the vendor's choice alone.
  if (detail !== undefined && detail !== null && detail !== 'auto')
    notes.dropped.add('messages[].content[].image_url.detail');
  const url = textOf(holder['url'], `${path}.url`);
  const data = readDataUri(url);
  if (data === undefined) return `{"type":"image","source":${urlSource(url, `${path}.url`)}}`;
  const mediaType = data.mediaType === 'image/jpg' ? 'image/jpeg' : data.mediaType;
  if (!IMAGE_TYPES.has(mediaType))
    throw unsupported(
      `${path}.url`,
      `This model takes pictures as JPEG, PNG, GIF or WebP, not as ${mediaType || 'this'}.`,
    );
  return `{"type":"image","source":${base64Source(data, mediaType, `${path}.url`)}}`;
}

function fileBlock(file: unknown, path: string): string {
  if (!isObject(file)) throw malformed(path, `"${path}" must be an object.`);
  const { file_data, filename } = file;
  if (file_data === undefined || file_data === null)
    throw unsupported(`${path}.file_id`, 'This channel does not know files by id; send the file as "file_data".');
  const given = textOf(file_data, `${path}.file_data`);
  const title = typeof filename === 'string' && filename !== '' ? `,"title":${JSON.stringify(filename)}` : '';
  return `{"type":"document","source":${documentSource(given, filename, `${path}.file_data`)}${title}}`;
}

function documentSource(given: string, filename: unknown, path: string): string {
  const data = readDataUri(given) ?? undefined;
  if (data === undefined) {
    if (given.startsWith('https://')) return urlSource(given, path);
    // Some clients leave the head of the data URI out.
    const isPdf = typeof filename === 'string' && filename.toLowerCase().endsWith('.pdf');
    if (!isPdf) throw malformed(path, `"${path}" must be a data URI.`);
    return base64Source(
      { mediaType: 'application/pdf', isBase64: true, start: 0, uri: given },
      'application/pdf',
      path,
    );
  }
  if (data.mediaType === 'application/pdf') return base64Source(data, data.mediaType, path);
  if (data.mediaType.startsWith('text/') || data.mediaType === 'application/json')
    return `{"type":"text","media_type":"text/plain","data":${JSON.stringify(decodeText(data, path))}}`;
  throw unsupported(path, `This model takes files as PDF or text, not as ${data.mediaType || 'this'}.`);
}

/** A data URI of which only the head has been read. */
export interface DataUri {
  readonly uri: string;
  readonly mediaType: string;
  readonly isBase64: boolean;
  /** Where the data begins in the URI. */
  readonly start: number;
}

/** Undefined when it is another kind of address. Only the head is looked at: the data may be many megabytes. */
export function readDataUri(uri: string): DataUri | undefined {
  if (!/^data:/i.test(uri)) return undefined;
  const comma = uri.indexOf(',');
  if (comma === -1) return { uri, mediaType: '', isBase64: false, start: uri.length };
  const [mediaType = '', ...parameters] = uri.slice('data:'.length, comma).toLowerCase().split(';');
  return { uri, mediaType: mediaType.trim(), isBase64: parameters.includes('base64'), start: comma + 1 };
}

function base64Source({ uri, isBase64, start }: DataUri, mediaType: string, path: string): string {
  const data = uri.slice(start);
  if (!isBase64 || data === '') throw malformed(path, `"${path}" must carry its data as base64.`);
  return `{"type":"base64","media_type":"${mediaType}","data":${JSON.stringify(data)}}`;
}

function urlSource(url: string, path: string): string {
  if (!/^https:\/\//i.test(url)) throw unsupported(path, 'This model fetches media by https addresses only.');
  return `{"type":"url","url":${JSON.stringify(url)}}`;
}

/** The text of a data URI, in either encoding. @throws ProviderError `invalid_request`. */
export function decodeText({ uri, isBase64, start }: DataUri, path: string): string {
  const data = uri.slice(start);
  if (isBase64) return Buffer.from(data, 'base64').toString('utf8');
  try {
    return decodeURIComponent(data);
  } catch {
    throw malformed(path, `"${path}" is not a well-formed data URI.`);
  }
}
