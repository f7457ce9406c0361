import { crc32 } from 'node:zlib';
import { EventStreamCodec, type Message, type MessageHeaders } from '@smithy/core/event-streams';
import type { SseEvent } from '../canonical/chat.js';
import { ProviderError } from '../canonical/provider-error.js';
import type { EventReader } from './event-reader.js';

/** Length of the frame, length of its headers, and the checksum of both. */
const PRELUDE_BYTES = 12;
/** The prelude and the checksum of the frame. */
const OVERHEAD_BYTES = PRELUDE_BYTES + 4;
const NOTHING: Buffer = Buffer.alloc(0);

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text),
);

/**
 * Reads `application/vnd.amazon.eventstream`: binary frames with two checksums, which are both checked; the lengths before anything is
 * waited for. An event's name is its `:event-type`, an exception's its `:exception-type`, an error's its `:error-code`; the data is the
 * payload, or of an error `{"message": ...}`. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export class AwsFrameReader implements EventReader {
  private parts: Uint8Array[] = [];
  private bytes = 0;
  /** What was found behind events that had to be given first. */
  private failure: ProviderError | undefined;
  /** Length of the frame that has begun, once its prelude is there and has been checked. */
  private frameBytes: number | undefined;

  /** @param frameBytesMax longest frame, in bytes. */
  constructor(private readonly frameBytesMax: number) {}

  push(bytes: Uint8Array): SseEvent[] {
    if (this.failure !== undefined) throw this.failure;
    // A copy: the network layer may reuse its buffer.
    this.parts.push(Uint8Array.prototype.slice.call(bytes));
    this.bytes += bytes.length;
    const events: SseEvent[] = [];
    try {
      for (let frame = this.takeFrame(); frame !== undefined; frame = this.takeFrame()) events.push(toEvent(frame));
    } catch (error) {
      // What came whole counts, whatever else was in the same network read.
      if (events.length === 0 || !(error instanceof ProviderError)) throw error;
      this.failure = error;
    }
    return events;
  }

  end(): SseEvent[] {
    if (this.failure !== undefined) throw this.failure;
    if (this.bytes === 0) return [];
    throw new ProviderError({ kind: 'incomplete', message: 'The upstream stream ended inside a frame.' });
  }

  private takeFrame(): Message | undefined {
    if (this.frameBytes === undefined) {
      if (this.bytes < PRELUDE_BYTES) return undefined;
      this.frameBytes = this.readLength(this.joined());
    }
    if (this.bytes < this.frameBytes) return undefined;
    const joined = this.joined();
    const frame = joined.subarray(0, this.frameBytes);
    const rest = joined.subarray(this.frameBytes);
    this.parts = rest.length === 0 ? [] : [rest];
    this.bytes = rest.length;
    this.frameBytes = undefined;
    try {
      return codec.decode(frame);
    } catch (error) {
      throw damaged(error);
    }
  }

  /** What is there in one piece, which is also kept so that it is not put together again. */
  private joined(): Buffer {
    const [only = NOTHING] = this.parts;
    const joined =
      this.parts.length > 1
        ? Buffer.concat(this.parts, this.bytes)
        : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    this.parts = [joined];
    return joined;
  }

  /** @throws ProviderError when the prelude is damaged: a length that is wrong would have the stream waited for in vain. */
  private readLength(prelude: Buffer): number {
    const length = prelude.readUInt32BE(0);
    const headerBytes = prelude.readUInt32BE(4);
    if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) throw damaged();
    if (length < OVERHEAD_BYTES || headerBytes > length - OVERHEAD_BYTES) throw damaged();
    if (length <= this.frameBytesMax) return length;
    throw new ProviderError({
      kind: 'invalid_response',
      message: `The upstream sent a stream frame longer than ${this.frameBytesMax} bytes.`,
    });
  }
}

function toEvent({ headers, body }: Message): SseEvent {
  const type = textOf(headers, ':message-type');
  if (type === 'error') {
    return {
      name: textOf(headers, ':error-code'),
      data: JSON.stringify({ message: textOf(headers, ':error-message') }),
    };
  }
  const name = textOf(headers, type === 'exception' ? ':exception-type' : ':event-type');
  return { name, data: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8') };
}

function textOf(headers: MessageHeaders, name: string): string {
  const header = headers[name];
  return header?.type === 'string' ? header.value : '';
}

function damaged(cause?: unknown): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message: 'The upstream sent a damaged stream frame.', cause });
}
