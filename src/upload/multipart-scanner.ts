import { HubError, invalidRequest } from '../common/hub-error.js';
import { readParameters } from './header-parameters.js';

const PARTS_MAX = 100;
const PART_HEADER_BYTES_MAX = 8 * 1024;
const FIELD_BYTES_MAX = 1024 * 1024;
// RFC 2046 allows fewer characters; real clients use some more.
const BOUNDARY = /^[\x20-\x7e]{0,69}[\x21-\x7e]$/;
// Line breaks that readers disagree about: half ones, and those inside a header (RFC 7230 did away with folding).
const ODD_LINE_BREAK = /\r(?!\n)|(?<!\r)\n|\r\n[ \t]/;
const CRLF = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

/** One part of a multipart body. Offsets count from the first byte of the body. */
export interface MultipartPart {
  readonly name: string;
  readonly isFile: boolean;
  /** Where the boundary before the part stands, its line break included; below 0 when that is not there. */
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The value of a field; undefined for a file. */
  readonly text: string | undefined;
}

/**
 * Takes the boundary out of a content type.
 * @throws HubError 400 when there is none (RFC 2046 allows 1 to 70 characters).
 */
export function boundaryOf(contentType: string): string {
  const boundary = readParameters(contentType)?.get('boundary') ?? '';
  if (!BOUNDARY.test(boundary) || boundary.includes('\\')) {
    throw invalidRequest('The multipart content type has no usable boundary.', undefined, 'invalid_multipart');
  }
  return boundary;
}

/**
 * Finds the parts of a multipart/form-data body (RFC 7578) while it passes through, without keeping file contents.
 */
export class MultipartScanner {
  private readonly delimiter: Buffer;
  private readonly found: MultipartPart[] = [];
  private state: 'preamble' | 'after-delimiter' | 'headers' | 'value' | 'end' = 'preamble';
  private window: Buffer = CRLF;
  /** Offset of the window's first byte; the preamble begins with a line break that is not there. */
  private base = -CRLF.length;
  private part: Omit<MultipartPart, 'valueEnd' | 'text'> | undefined;
  private delimiterStart = 0;
  private value: Buffer[] = [];
  private valueBytes = 0;

  constructor(boundary: string) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /**
   * Takes the next bytes of the body.
   * @throws HubError 400 for too many or malformed parts, 413 for an oversized field.
   */
  push(bytes: Uint8Array): void {
    this.window = this.window.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.window, bytes]);
    while (this.step());
  }

  /**
   * Ends the body and returns its parts in order.
   * @throws HubError 400 when the closing boundary is missing.
   */
  end(): readonly MultipartPart[] {
    if (this.state !== 'end') throw malformed('it ends without its closing boundary');
    return this.found;
  }

  /** Makes one step; false when more bytes are needed. */
  private step(): boolean {
    switch (this.state) {
      case 'preamble':
      case 'value':
        return this.findDelimiter();
      case 'after-delimiter':
        return this.readDelimiterEnd();
      case 'headers':
        return this.readHeaders();
      case 'end':
        this.drop(this.window.length);
        return false;
    }
  }

  private findDelimiter(): boolean {
    const at = this.window.indexOf(this.delimiter);
    if (at === -1) {
      this.drop(Math.max(0, this.window.length - this.delimiter.length + 1), true);
      return false;
    }
    this.drop(at, true);
    this.closePart();
    this.delimiterStart = this.base;
    this.drop(this.delimiter.length);
    this.state = 'after-delimiter';
    return true;
  }

  private readDelimiterEnd(): boolean {
    if (this.window.length < 2) return false;
    const mark = this.window.toString('latin1', 0, 2);
    if (mark === '--') {
      this.state = 'end';
      return true;
    }
    // Spaces and tabs may stand between boundary and line break.
    const lineEnd = this.window.indexOf(CRLF);
    if (lineEnd === -1 && this.window.length < 80) return false;
    if (lineEnd === -1 || !/^[ \t]*$/.test(this.window.toString('latin1', 0, lineEnd))) {
      throw malformed('a boundary is followed by other text');
    }
    this.drop(lineEnd);
    this.state = 'headers';
    return true;
  }

  private readHeaders(): boolean {
    const end = this.window.indexOf(HEADER_END);
    if (end === -1 ? this.window.length > PART_HEADER_BYTES_MAX : end > PART_HEADER_BYTES_MAX) {
      throw malformed(`a part has more than ${PART_HEADER_BYTES_MAX} bytes of headers`);
    }
    if (end === -1) return false;
    const { name, isFile } = readDisposition(this.window.toString('utf8', 0, end));
    this.drop(end + HEADER_END.length);
    this.part = { name, isFile, start: this.delimiterStart, valueStart: this.base };
    // An empty value is followed by its delimiter at once, whose line break is that of the headers.
    this.state = 'value';
    return true;
  }

  private closePart(): void {
    const { part } = this;
    if (part === undefined) return;
    if (this.found.length >= PARTS_MAX) throw malformed(`it has more than ${PARTS_MAX} parts`);
    const text = part.isFile ? undefined : Buffer.concat(this.value).toString('utf8');
    this.found.push({ ...part, valueEnd: this.base, text });
    this.part = undefined;
    this.value = [];
    this.valueBytes = 0;
  }

  /** Moves the window on; what a field loses to it belongs to its value. */
  private drop(count: number, isValue = false): void {
    if (isValue && this.part !== undefined && !this.part.isFile && count > 0) {
      this.valueBytes += count;
      if (this.valueBytes > FIELD_BYTES_MAX) throw fieldTooLarge(this.part.name);
      this.value.push(Buffer.from(this.window.subarray(0, count)));
    }
    this.window = this.window.subarray(count);
    this.base += count;
  }
}

function readDisposition(headers: string): { name: string; isFile: boolean } {
  if (ODD_LINE_BREAK.test(headers)) throw malformed('the headers of a part have a stray line break');
  const [line, ...others] = headers.split('\r\n').filter((text) => /^content-disposition\s*:/i.test(text));
  const parameters = line === undefined || others.length > 0 ? undefined : readParameters(line);
  const name = parameters?.get('name');
  // RFC 7578 forbids `name*`, but some readers prefer it.
  if (parameters === undefined || name === undefined || parameters.has('name*'))
    throw malformed('a part has no name, or more than one');
  return { name, isFile: parameters.has('filename') || parameters.has('filename*') };
}

function malformed(why: string): HubError {
  return invalidRequest(`The multipart body cannot be read: ${why}.`, undefined, 'invalid_multipart');
}

function fieldTooLarge(name: string): HubError {
  return new HubError({
    status: 413,
    code: 'request_too_large',
    message: `The field "${name}" is larger than ${FIELD_BYTES_MAX} bytes.`,
    param: name,
    shouldRetry: false,
  });
}
