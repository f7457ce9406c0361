import type { SseEvent } from '../canonical/chat.js';
import { ProviderError } from '../canonical/provider-error.js';
import type { EventReader } from './event-reader.js';

const LF = 0x0a;
const BOM = '\ufeff';

/**
 * Reads lines of JSON: each is an event without a name, blank lines are none, and the last one may lack its line end. Works on bytes, so a
 * character that is cut between two network reads arrives whole. A line that is no JSON is for the reader of the events to judge.
 */
export class NdjsonReader implements EventReader {
  private partial: Uint8Array[] = [];
  private partialBytes = 0;
  private isFirstLine = true;

  /** @param lineBytesMax longest line, in bytes. */
  constructor(private readonly lineBytesMax: number) {}

  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.keep(bytes.subarray(start, end));
      this.takeLine(events);
      start = end + 1;
    }
    // A copy: the network layer may reuse its buffer, and a slice would keep the whole read alive.
    if (start < bytes.length) this.keep(Uint8Array.prototype.slice.call(bytes, start));
    return events;
  }

  end(): SseEvent[] {
    const events: SseEvent[] = [];
    this.takeLine(events);
    return events;
  }

  private keep(part: Uint8Array): void {
    this.partialBytes += part.length;
    if (this.partialBytes > this.lineBytesMax) {
      throw new ProviderError({
        kind: 'invalid_response',
        message: `The upstream sent a stream line longer than ${this.lineBytesMax} bytes.`,
      });
    }
    this.partial.push(part);
  }

  private takeLine(events: SseEvent[]): void {
    let line = Buffer.concat(this.partial, this.partialBytes).toString('utf8');
    this.partial = [];
    this.partialBytes = 0;
    if (this.isFirstLine && line.startsWith(BOM)) line = line.slice(1);
    this.isFirstLine = false;
    const data = line.trim();
    if (data !== '') events.push({ name: '', data });
  }
}
