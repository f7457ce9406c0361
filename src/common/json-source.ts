import { isUtf8 } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Bytes that one UTF-16 unit takes at most. */
const UTF8_BYTES_MAX = 3;

/** How deep a JSON body may nest. OpenAI's deepest legal bodies (JSON schemas in tools) stay below 50. */
export const JSON_DEPTH_MAX = 200;
/** How many members all objects of a body may have together; half a million would already block the loop for 100 ms. */
export const JSON_MEMBERS_MAX = 200_000;
/** How many objects and arrays a body may have. */
export const JSON_CONTAINERS_MAX = 200_000;
/** How many commas: plain numbers are cheap, and embeddings inputs may be several hundred thousand tokens. */
export const JSON_COMMAS_MAX = 2_000_000;

/** Where a top-level member stands in the bytes. `start`/`end` bound the value, `keyStart` the opening quote of its name. */
interface Member {
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
}

/** An object as bytes, and where its members stand in them. */
interface JsonText {
  readonly bytes: Uint8Array;
  readonly members: ReadonlyMap<string, Member>;
}

/** The body is not a JSON object the hub accepts; `message` is fit for the caller. */
export class JsonSourceError extends Error {
  override readonly name = 'JsonSourceError';
}

/** One change to a JSON object: a new value (already serialised), or `undefined` to take the member out. */
export type JsonEdit = string | undefined;

/**
 * A JSON object that is parsed once and forwarded with its bytes untouched except where the hub splices.
 * `JSON.parse` followed by `JSON.stringify` would change big integers, number spelling and duplicate keys.
 */
export class JsonSource {
  private constructor(
    /** The parsed object. Read only. */
    readonly value: Readonly<Record<string, unknown>>,
    private text: JsonText | undefined,
    /** Top-level names that occur more than once (RFC 8259 leaves their meaning open). */
    readonly duplicates: readonly string[] = [],
  ) {}

  /**
   * Parses bytes into an object. A byte order mark before it is dropped.
   * @throws JsonSourceError when they are not UTF-8, not JSON, not an object, or are nested too deep or too large.
   */
  static parse(given: Uint8Array): JsonSource {
    const bytes = withoutByteOrderMark(given);
    if (!isUtf8(bytes)) throw new JsonSourceError('The request body is not valid UTF-8.');
    const { members, duplicates } = scan(bytes);
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    } catch {
      throw new JsonSourceError('The request body is not valid JSON.');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new JsonSourceError('The request body must be a JSON object.');
    }
    return new JsonSource(value as Record<string, unknown>, { bytes, members }, duplicates);
  }

  /** Makes a source from a value, for requests that do not come as a body. */
  static of(value: Readonly<Record<string, unknown>>): JsonSource {
    return JsonSource.parse(Buffer.from(JSON.stringify(value)));
  }

  /**
   * Makes a source from a value that is made of parsed JSON. Its bytes are written when somebody asks for them, which an adapter of
   * another format never does.
   */
  static ofParsed(value: Readonly<Record<string, unknown>>): JsonSource {
    return new JsonSource(value, undefined);
  }

  /** The original bytes, from the object on where a byte order mark stood before it. */
  get bytes(): Uint8Array {
    return this.whole.bytes;
  }

  private get members(): ReadonlyMap<string, Member> {
    return this.whole.members;
  }

  private get whole(): JsonText {
    this.text ??= write(this.value);
    return this.text;
  }

  /** The names of the top-level members, each once. */
  get names(): Iterable<string> {
    return this.members.keys();
  }

  /** True when the object has this top-level member. */
  has(name: string): boolean {
    return this.members.has(name);
  }

  /** The JSON text of a top-level member exactly as it was sent, or undefined when there is none. */
  textOf(name: string): string | undefined {
    const member = this.members.get(name);
    if (member === undefined) return undefined;
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + member.start, member.end - member.start).toString('utf8');
  }

  /**
   * Returns the bytes with some top-level members replaced, added (at the end) or taken out; all others keep their bytes.
   * @param edits name to serialised JSON value, or to `undefined` for removal. Removing an absent member is a no-op.
   */
  splice(edits: Readonly<Record<string, JsonEdit>>): Uint8Array {
    const cuts: { start: number; end: number; text: string }[] = [];
    let added = '';
    for (const [name, text] of Object.entries(edits)) {
      const member = this.members.get(name);
      if (member === undefined) {
        if (text !== undefined) added += `,${JSON.stringify(name)}:${text}`;
      } else if (text === undefined) {
        cuts.push({ ...this.withComma(member), text: '' });
      } else {
        cuts.push({ start: member.start, end: member.end, text });
      }
    }
    if (cuts.length === 0 && added === '') return this.bytes;
    cuts.sort((a, b) => a.start - b.start);
    return this.assemble(cuts, added);
  }

  private assemble(cuts: readonly { start: number; end: number; text: string }[], added: string): Uint8Array {
    const { bytes } = this;
    const original = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const textLength = cuts.reduce((sum, cut) => sum + cut.text.length, added.length);
    const out = Buffer.allocUnsafe(original.length + textLength * UTF8_BYTES_MAX);
    let length = 0;
    let from = 0;
    let hasRemoved = false;
    for (const cut of cuts) {
      length += original.copy(out, length, from, cut.start);
      if (cut.text === '') hasRemoved = true;
      else length += out.write(cut.text, length);
      from = cut.end;
    }
    const close = original.lastIndexOf(CLOSE_BRACE);
    length += original.copy(out, length, from, close);
    if (hasRemoved) length = withoutLastComma(out, length);
    if (added !== '') {
      const isEmpty = out[lastNonSpace(out, length)] === OPEN_BRACE;
      length += out.write(isEmpty ? added.slice(1) : added, length);
    }
    length += original.copy(out, length, close);
    return out.subarray(0, length);
  }

  /** The range of a member together with the comma after it, if there is one. */
  private withComma(member: Member): { start: number; end: number } {
    let end = member.end;
    while (end < this.bytes.length && isSpace(this.bytes[end])) end++;
    return { start: member.keyStart, end: this.bytes[end] === COMMA ? end + 1 : member.end };
  }
}

/** Writes an object, so that where its members stand need not be looked for. */
function write(value: Readonly<Record<string, unknown>>): JsonText {
  const members = new Map<string, Member>();
  const parts: Buffer[] = [];
  let length = 0;
  const push = (text: string): void => {
    const part = Buffer.from(text);
    parts.push(part);
    length += part.length;
  };
  for (const [name, member] of Object.entries(value)) {
    const text: string | undefined = JSON.stringify(member);
    if (text === undefined) continue;
    push(members.size === 0 ? '{' : ',');
    const keyStart = length;
    push(`${JSON.stringify(name)}:`);
    const start = length;
    push(text);
    members.set(name, { keyStart, start, end: length });
  }
  push(members.size === 0 ? '{}' : '}');
  return { bytes: Buffer.concat(parts, length), members };
}

/** The mark that some editors and shells put before a text says nothing, and parsers may look past it (RFC 8259, section 8.1). */
function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The length without the comma that stands last after the members behind it were removed. */
function withoutLastComma(bytes: Uint8Array, length: number): number {
  const last = lastNonSpace(bytes, length);
  return bytes[last] === COMMA ? last : length;
}

function lastNonSpace(bytes: Uint8Array, length: number): number {
  let last = length - 1;
  while (last >= 0 && isSpace(bytes[last])) last--;
  return last;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Index just behind the closing quote of the string that opens at `start`; the length when it never closes. */
function skipString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  const near = Math.min(bytes.length, i + 64);
  for (; i < near; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
  }
  // Long strings (prompts, base64 pictures) are left to the native search.
  for (;;) {
    const quote = bytes.indexOf(QUOTE, i);
    if (quote === -1) return bytes.length;
    let slashes = 0;
    for (let j = quote - 1; j >= i && bytes[j] === BACKSLASH; j--) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

/**
 * Finds the top-level members without building values. Runs before JSON.parse so that hostile nesting is refused before
 * any value is built; on text that is not JSON it returns something, and JSON.parse then gives the verdict.
 */
function scan(bytes: Uint8Array): { members: Map<string, Member>; duplicates: string[] } {
  const members = new Map<string, Member>();
  const duplicates: string[] = [];
  let depth = 0;
  let memberCount = 0;
  let containerCount = 0;
  let commaCount = 0;
  let keyStart = -1;
  let keyEnd = -1;
  let valueStart = -1;
  let lastEnd = 0;
  const close = (): void => {
    if (keyStart === -1 || valueStart === -1) return;
    const name = readKey(bytes, keyStart, keyEnd);
    if (members.has(name)) duplicates.push(name);
    members.set(name, { keyStart, start: valueStart, end: lastEnd });
    keyStart = -1;
    valueStart = -1;
  };
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i] as number;
    if (byte <= 0x20) {
      i++;
      continue;
    }
    if (depth === 1 && keyStart !== -1 && valueStart === -1 && byte !== COLON) valueStart = i;
    switch (byte) {
      case QUOTE: {
        const end = skipString(bytes, i);
        if (depth === 1 && keyStart === -1) {
          keyStart = i;
          keyEnd = end;
        }
        i = lastEnd = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > JSON_DEPTH_MAX)
          throw new JsonSourceError(`The request body nests deeper than ${JSON_DEPTH_MAX}.`);
        if (++containerCount > JSON_CONTAINERS_MAX) throw tooMany(JSON_CONTAINERS_MAX, 'objects and arrays');
        i++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 1) close();
        depth--;
        lastEnd = ++i;
        break;
      case COMMA:
        if (depth === 1) close();
        if (++commaCount > JSON_COMMAS_MAX) throw tooMany(JSON_COMMAS_MAX, 'commas');
        i++;
        break;
      case COLON:
        if (++memberCount > JSON_MEMBERS_MAX) throw tooMany(JSON_MEMBERS_MAX, 'members');
        i++;
        break;
      default:
        lastEnd = ++i;
    }
  }
  return { members, duplicates };
}

function tooMany(max: number, what: string): JsonSourceError {
  return new JsonSourceError(`The request body has more than ${max} ${what}.`);
}

function readKey(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}
