import { missing, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { type Notes, noteOnlyThere, noteUnread } from './notes.js';

type Wire = Readonly<Record<string, unknown>>;

/** A part of a canonical message, and the path of the block it comes from. */
export interface ReadPart {
  readonly part: Wire;
  readonly path: string;
}

const TEXT = new Set(['type', 'text']);
const IMAGE = new Set(['type', 'source']);
const DOCUMENT = new Set(['type', 'source', 'title', 'context']);
const SEARCH_RESULT = new Set(['type', 'source', 'title', 'content']);
const BLOCKS = 'messages[].content[].';

/** The blocks of a content, a plain text as one. @throws HubError 400 that names the block. */
export function blocksOf(content: unknown, path: string): readonly Wire[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content === undefined) throw missing(path);
  if (!Array.isArray(content)) throw wrongType(path, 'a string or an array of content blocks');
  return content.map((block: unknown, i) => {
    if (!isObject(block)) throw wrongType(`${path}[${i}]`, 'an object with a "type"');
    if (typeof block['type'] !== 'string') throw wrongType(`${path}[${i}].type`, 'a string such as "text"');
    return block;
  });
}

/**
 * A block of a user turn, of a tool's result or of a document, as parts of a canonical message: text, pictures and files. One that
 * other models cannot be told gives nothing, and is noted.
 * @throws HubError 400 that names the member.
 */
export function toParts(block: Wire, path: string, notes: Notes): readonly ReadPart[] {
  switch (block['type']) {
    case 'text':
      noteUnread(notes, block, TEXT, BLOCKS);
      return [textPart(textOf(block['text'], `${path}.text`), path)];
    case 'image':
      noteUnread(notes, block, IMAGE, BLOCKS);
      return imageParts(block['source'], path, notes);
    case 'document':
      noteUnread(notes, block, DOCUMENT, BLOCKS);
      return documentParts(block, path, notes);
    case 'search_result':
      noteUnread(notes, block, SEARCH_RESULT, BLOCKS);
      return searchResultParts(block, path);
    default:
      noteOnlyThere(notes, `${path}.type`, block['type']);
      return [];
  }
}

/** @throws HubError 400. */
export function textOf(value: unknown, path: string): string {
  if (value === undefined) throw missing(path);
  if (typeof value !== 'string') throw wrongType(path, 'a string');
  return value;
}

function textPart(text: string, path: string): ReadPart {
  return { part: { type: 'text', text }, path };
}

function sourceOf(source: unknown, path: string): Wire {
  if (source === undefined) throw missing(`${path}.source`);
  if (!isObject(source)) throw wrongType(`${path}.source`, 'an object with a "type"');
  return source;
}

function dataUri(source: Wire, path: string): string {
  const type = textOf(source['media_type'], `${path}.source.media_type`);
  return `data:${type};base64,${textOf(source['data'], `${path}.source.data`)}`;
}

function imageParts(given: unknown, path: string, notes: Notes): readonly ReadPart[] {
  const source = sourceOf(given, path);
  switch (source['type']) {
    case 'base64':
      return [{ part: { type: 'image_url', image_url: { url: dataUri(source, path) } }, path }];
    case 'url':
      return [{ part: { type: 'image_url', image_url: { url: textOf(source['url'], `${path}.source.url`) } }, path }];
    default:
      noteOnlyThere(notes, `${path}.source.type`, source['type']);
      return [];
  }
}

/** A document's context is told before it; a document of text is told as text, which every model reads. */
function documentParts({ source: given, title, context }: Wire, path: string, notes: Notes): readonly ReadPart[] {
  const source = sourceOf(given, path);
  const name = typeof title === 'string' && title !== '' ? title : undefined;
  const before = typeof context === 'string' && context !== '' ? [textPart(context, path)] : [];
  switch (source['type']) {
    case 'base64':
      return [...before, filePart(dataUri(source, path), name, path)];
    case 'url':
      return [...before, filePart(textOf(source['url'], `${path}.source.url`), name, path)];
    case 'text': {
      const data = textOf(source['data'], `${path}.source.data`);
      return [...before, textPart(name === undefined ? data : `${name}\n\n${data}`, path)];
    }
    case 'content': {
      const where = `${path}.source.content`;
      const parts = blocksOf(source['content'], where).flatMap((block, i) => toParts(block, `${where}[${i}]`, notes));
      return [...before, ...(name === undefined ? [] : [textPart(name, path)]), ...parts];
    }
    default:
      noteOnlyThere(notes, `${path}.source.type`, source['type']);
      return [];
  }
}

function filePart(data: string, title: string | undefined, path: string): ReadPart {
  const isNamed = title !== undefined && /\.\w{1,5}$/.test(title);
  const filename = isNamed ? title : `${title ?? 'document'}.pdf`;
  return { part: { type: 'file', file: { filename, file_data: data } }, path };
}

function searchResultParts({ source, title, content }: Wire, path: string): readonly ReadPart[] {
  const texts = blocksOf(content, `${path}.content`).map(({ text }, i) => textOf(text, `${path}.content[${i}].text`));
  const head = [textOf(title, `${path}.title`), textOf(source, `${path}.source`)];
  return [textPart([head.join('\n'), ...texts].join('\n\n'), path)];
}
