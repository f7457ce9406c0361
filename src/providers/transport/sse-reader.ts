import type { SseEvent } from '../canonical/chat.js';
import { ProviderError } from '../canonical/provider-error.js';
import type { EventReader } from './event-reader.js';

const LF = 0x0a;
const CR = 0x0d;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const BOM = '\ufeff';

/**
 * Reads server-sent events from bytes as the HTML standard defines them: lines end in LF, CR or CRLF, comments are
 * skipped, several `data:` lines join with a newline, a leading BOM is ignored. Works on bytes, so a character that is
 * cut between two network reads arrives whole. Unlike the standard, an event without its closing blank line still
 * counts at the end: some servers forget it on `[DONE]`. And where the standard would skip a line that opens a JSON value,
 * here it and what follows up to a blank line are an event: Google's servers, and proxies, break into a stream with an error
 * object that has no `data:` before it.
 */
export class SseReader implements EventReader {
  private partial: Uint8Array[] = [];
  private partialBytes = 0;
  private isAfterCr = false;
  private isFirstLine = true;
  private name = '';
  private data: string | undefined;
  /** A JSON value without `data:`, as far as it has come. */
  private bare: string | undefined;

  /** @param lineBytesMax longest line, and longest event, in bytes. */
  constructor(private readonly lineBytesMax: number) {}

  /**
   * Takes the next bytes and returns the events they complete.
   * @throws ProviderError `invalid_response` when a line or an event passes the limit.
   */
  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte !== LF && byte !== CR) continue;
      if (byte === LF && this.isAfterCr && i === start) {
        // The second half of a CRLF.
        this.isAfterCr = false;
        start = i + 1;
        continue;
      }
      this.takeLine(this.joinLine(bytes, start, i), events);
      this.isAfterCr = byte === CR;
      start = i + 1;
    }
    if (start < bytes.length) {
      this.isAfterCr = false;
      this.keep(bytes, start);
    }
    return events;
  }

  /** Ends the input and returns the event that lacked its blank line, if any. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    if (this.partialBytes > 0) this.takeLine(this.joinLine(new Uint8Array(0), 0, 0), events);
    this.dispatch(events);
    return events;
  }

  private keep(bytes: Uint8Array, start: number): void {
    this.partialBytes += bytes.length - start;
    if (this.partialBytes > this.lineBytesMax) throw this.tooLong();
    // A copy: the network layer may reuse its buffer, and a slice would keep the whole read alive.
    this.partial.push(Uint8Array.prototype.slice.call(bytes, start));
  }

  private joinLine(bytes: Uint8Array, start: number, end: number): string {
    if (this.partialBytes + end - start > this.lineBytesMax) throw this.tooLong();
    if (this.partialBytes === 0) {
      return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
    }
    this.partial.push(bytes.subarray(start, end));
    const line = Buffer.concat(this.partial).toString('utf8');
    this.partial = [];
    this.partialBytes = 0;
    return line;
  }

  private takeLine(raw: string, events: SseEvent[]): void {
    let line = raw;
    if (this.isFirstLine) {
      this.isFirstLine = false;
      if (line.startsWith(BOM)) line = line.slice(1);
    }
    if (line === '') {
      this.dispatch(events);
      return;
    }
    if (this.bare !== undefined && line.startsWith('data:')) this.dispatch(events);
    if (this.isBare(line)) {
      this.bare = this.bare === undefined ? line : `${this.bare}\n${line}`;
      if (this.bare.length > this.lineBytesMax) throw this.tooLong();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    let value = colon === -1 ? '' : line.slice(colon + 1);
    if (value.charCodeAt(0) === 0x20) value = value.slice(1);
    if (field === 'data') {
      this.data = this.data === undefined ? value : `${this.data}\n${value}`;
      if (this.data.length > this.lineBytesMax) throw this.tooLong();
    } else if (field === 'event') {
      this.name = value;
    }
  }

  /** True for a line of a JSON value that stands in the stream as it is. */
  private isBare(line: string): boolean {
    if (this.bare !== undefined) return true;
    const first = line.charCodeAt(0);
    return this.data === undefined && (first === OPEN_BRACE || first === OPEN_BRACKET);
  }

  private dispatch(events: SseEvent[]): void {
    if (this.bare !== undefined) events.push({ name: '', data: this.bare });
    this.bare = undefined;
    if (this.data !== undefined) events.push({ name: this.name, data: this.data });
    this.data = undefined;
    this.name = '';
  }

  private tooLong(): ProviderError {
    return new ProviderError({
      kind: 'invalid_response',
      message: `The upstream sent a stream line longer than ${this.lineBytesMax} bytes.`,
    });
  }
}
