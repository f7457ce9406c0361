import { isObject } from '../../../common/is-object.js';
import { CacheHints } from '../anthropic/cache-hints.js';
import { type DataUri, decodeText, readDataUri } from '../anthropic/content-blocks.js';
import { malformed, unsupported } from '../anthropic/refusals.js';
import type { BedrockModel } from './bedrock-models.js';
import { DocumentNames } from './document-names.js';

type Part = Readonly<Record<string, unknown>>;

/** A place up to which the prompt is kept in the cache. */
export const CACHE_POINT = '{"cachePoint":{"type":"default"}}';

const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/json': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
};

/** Writes the blocks of one request, JSON texts, and notes what it has to report. */
export class BlockWriter {
  private readonly names = new DocumentNames();
  private readonly hints: CacheHints;

  /** @param dropped takes the names of what is left out. */
  constructor(
    body: Part,
    private readonly cache: BedrockModel['cache'],
    readonly dropped: Set<string>,
  ) {
    this.hints = new CacheHints(body, dropped);
  }

  /** The hub is to set cache points: the caller names a cache and sets none. */
  get isCacheWanted(): boolean {
    return this.cache !== 'nowhere' && this.hints.isWanted;
  }

  /**
   * The content of a message as blocks.
   * @param path of the content, for errors, such as `messages[2].content`.
   * @throws ProviderError that names the part that has no counterpart.
   */
  blocksOf(content: unknown, path: string): string[] {
    if (typeof content === 'string') return textBlocks(content);
    if (!Array.isArray(content)) return [];
    return content.flatMap((part: unknown, i) => {
      if (!isObject(part)) return [];
      const blocks = this.blocksOfPart(part, `${path}[${i}]`);
      return blocks.length === 0 ? [] : [...blocks, ...this.cachePointOf(part)];
    });
  }

  /** The cache point that a part, message or tool asks for, if it does. */
  cachePointOf(holder: Part, isTool = false): string[] {
    const isAsked = isObject(holder['cache_control']) || isObject(holder['prompt_cache_breakpoint']);
    if (!isAsked) return [];
    if (this.cache === 'nowhere' || (isTool && this.cache === 'texts')) {
      this.dropped.add('cache_control');
      return [];
    }
    // Notes that the caller sets its own, and how long they are to last.
    this.hints.apply('{}', holder);
    return [CACHE_POINT];
  }

  private blocksOfPart(part: Part, path: string): string[] {
    switch (part['type']) {
      case 'text':
        return textBlocks(textOf(part['text'], `${path}.text`));
      case 'refusal':
        return textBlocks(textOf(part['refusal'], `${path}.refusal`));
      case 'image_url':
        return [this.imageBlock(part['image_url'], `${path}.image_url`)];
      case 'file':
        return [this.documentBlock(part['file'], `${path}.file`)];
      case 'input_audio':
        throw unsupported(`${path}.input_audio`, 'This model cannot hear: it takes no sound.');
    }
    throw unsupported(`${path}.type`, `This model takes no content parts of the type ${JSON.stringify(part['type'])}.`);
  }

  private imageBlock(image: unknown, path: string): string {
    const holder: Part = isObject(image) ? image : { url: image };
    const { detail } = holder;
    // How closely to look is the model's choice alone.
    if (detail !== undefined && detail !== null && detail !== 'auto')
      this.dropped.add('messages[].content[].image_url.detail');
    const where = `${path}.url`;
    const data = readDataUri(textOf(holder['url'], where));
    if (data === undefined) throw unsupported(where, 'This model takes pictures as data URIs only.');
    const format = wordOf(IMAGE_FORMATS, data.mediaType);
    if (format === undefined)
      throw unsupported(where, `This model takes pictures as JPEG, PNG, GIF or WebP, not as ${data.mediaType}.`);
    const bytes = data.uri.slice(data.start);
    if (!data.isBase64 || bytes === '') throw malformed(where, `"${where}" must carry its data as base64.`);
    return `{"image":{"format":"${format}","source":{"bytes":${JSON.stringify(bytes)}}}}`;
  }

  private documentBlock(file: unknown, path: string): string {
    if (!isObject(file)) throw malformed(path, `"${path}" must be an object.`);
    const { file_data, filename } = file;
    if (file_data === undefined || file_data === null)
      throw unsupported(`${path}.file_id`, 'This channel does not know files by id; send the file as "file_data".');
    const where = `${path}.file_data`;
    const data = dataOf(textOf(file_data, where), filename, where);
    const format = wordOf(DOCUMENT_FORMATS, data.mediaType) ?? (data.mediaType.startsWith('text/') ? 'txt' : undefined);
    if (format === undefined)
      throw unsupported(
        where,
        `This model takes files as PDF, Word, Excel or text, not as ${data.mediaType || 'this'}.`,
      );
    const bytes = data.isBase64 ? data.uri.slice(data.start) : Buffer.from(decodeText(data, where)).toString('base64');
    if (bytes === '') throw malformed(where, `"${where}" is empty.`);
    const name = JSON.stringify(this.names.nameOf(filename));
    return `{"document":{"format":"${format}","name":${name},"source":{"bytes":${JSON.stringify(bytes)}}}}`;
  }
}

/** A text block; none for white space alone, which is refused. */
export function textBlocks(text: string): string[] {
  return /\S/.test(text) ? [`{"text":${JSON.stringify(text)}}`] : [];
}

/** Some clients leave the head of the data URI out. */
function dataOf(given: string, filename: unknown, path: string): DataUri {
  const data = readDataUri(given);
  if (data !== undefined) return data;
  const isPdf = typeof filename === 'string' && filename.toLowerCase().endsWith('.pdf');
  if (!isPdf || /^https?:/i.test(given)) throw malformed(path, `"${path}" must be a data URI.`);
  return { mediaType: 'application/pdf', isBase64: true, start: 0, uri: given };
}

function wordOf(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined;
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string') throw malformed(path, `"${path}" must be a string.`);
  return value;
}
