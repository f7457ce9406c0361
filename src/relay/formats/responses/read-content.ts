import { missing, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { refusal } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;
type Part = Record<string, unknown>;

/** What a model has said. */
export interface Spoken {
  readonly content: string | Part[] | null;
  readonly refusal?: string;
}

/**
 * Content of a message or of a tool's result, in the words of chat/completions. A single text becomes a string, which every vendor takes.
 * @throws HubError 400 that names the part.
 */
export function readContent(content: unknown, path: string): string | Part[] {
  if (typeof content === 'string') return content;
  const parts = partsOf(content, path).map((part, i) => readPart(part, `${path}[${i}]`));
  return textAlone(parts) ?? parts;
}

/**
 * Content of what a model has said: its text, and its refusal.
 * @throws HubError 400 that names the part.
 */
export function readSpoken(content: unknown, path: string): Spoken {
  if (typeof content === 'string') return { content };
  const parts: Part[] = [];
  let refused: string | undefined;
  for (const [i, part] of partsOf(content, path).entries()) {
    const place = `${path}[${i}]`;
    if (part['type'] === 'refusal') refused = (refused ?? '') + textOf(part, 'refusal', place);
    else if (part['type'] === 'output_text' || part['type'] === 'input_text')
      parts.push({ type: 'text', text: textOf(part, 'text', place) });
    else throw unknownPart(part, place);
  }
  const spoken = parts.length === 0 ? null : (textAlone(parts) ?? parts);
  return refused === undefined ? { content: spoken } : { content: spoken, refusal: refused };
}

function partsOf(content: unknown, path: string): readonly Wire[] {
  if (content === undefined || content === null) throw missing(path);
  if (!Array.isArray(content)) throw wrongType(path, 'a string or an array of content parts');
  return content.map((part: unknown, i) => {
    if (!isObject(part)) throw wrongType(`${path}[${i}]`, 'an object with a "type"');
    return part;
  });
}

function textAlone(parts: readonly Part[]): string | undefined {
  const [only] = parts;
  if (parts.length !== 1 || only?.['type'] !== 'text' || Object.keys(only).length > 2) return undefined;
  return typeof only['text'] === 'string' ? only['text'] : undefined;
}

function readPart(part: Wire, path: string): Part {
  const mark = part['prompt_cache_breakpoint'];
  const shared = isGiven(mark) ? { prompt_cache_breakpoint: mark } : {};
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: textOf(part, 'text', path), ...shared };
    case 'input_image':
      return { type: 'image_url', image_url: readImage(part, path), ...shared };
    case 'input_file':
      return { type: 'file', file: readFile(part, path), ...shared };
    case 'input_audio':
      return { type: 'input_audio', input_audio: part['input_audio'] };
    default:
      throw unknownPart(part, path);
  }
}

function readImage({ image_url: url, file_id: id, detail }: Wire, path: string): Part {
  if (isGiven(id)) throw noFiles(`${path}.file_id`, 'send the picture as "image_url", an https address or a data URI');
  if (!isGiven(url)) throw missing(`${path}.image_url`);
  if (typeof url !== 'string') throw wrongType(`${path}.image_url`, 'a string');
  return isGiven(detail) ? { url, detail } : { url };
}

function readFile({ filename, file_data: data, file_url: url, file_id: id }: Wire, path: string): Part {
  if (isGiven(id)) throw noFiles(`${path}.file_id`, 'send the file as "file_data"');
  // An address where chat/completions has bytes: the hub fetches it for upstreams that want them.
  const given = isGiven(data) ? data : url;
  if (!isGiven(given)) throw missing(`${path}.file_data`);
  if (typeof given !== 'string') throw wrongType(isGiven(data) ? `${path}.file_data` : `${path}.file_url`, 'a string');
  return isGiven(filename) ? { filename, file_data: given } : { file_data: given };
}

function noFiles(param: string, instead: string) {
  return refusal(param, `The hub keeps no files to be named by an id; ${instead}.`);
}

function textOf(part: Wire, name: string, path: string): string {
  const text = part[name];
  if (text === undefined) throw missing(`${path}.${name}`);
  if (typeof text !== 'string') throw wrongType(`${path}.${name}`, 'a string');
  return text;
}

function unknownPart({ type }: Wire, path: string) {
  if (typeof type !== 'string') return missing(`${path}.type`);
  return refusal(`${path}.type`, `Content of type "${type.slice(0, 64)}" is not supported here.`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
