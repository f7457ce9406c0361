import { EventStreamCodec } from '@smithy/core/event-streams';

/** One frame of an AWS event stream, as recordings write it. */
export type WrittenFrame =
  | { readonly event: string; readonly payload: unknown }
  | { readonly event: string; readonly text: string }
  | { readonly exception: string; readonly payload: unknown }
  | { readonly error: string; readonly message: string };

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text),
);

/** The bytes of one frame. */
export function toFrame(frame: WrittenFrame): Buffer {
  const headers: Record<string, string> =
    'event' in frame
      ? { ':event-type': frame.event, ':content-type': 'application/json', ':message-type': 'event' }
      : 'exception' in frame
        ? { ':exception-type': frame.exception, ':content-type': 'application/json', ':message-type': 'exception' }
        : { ':error-code': frame.error, ':error-message': frame.message, ':message-type': 'error' };
  return Buffer.from(
    codec.encode({
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
      ),
      body: Buffer.from('payload' in frame ? JSON.stringify(frame.payload) : 'text' in frame ? frame.text : ''),
    }),
  );
}

/** The bytes of a stream that a recording writes as a JSON list of its frames. */
export function toFrames(json: string): Buffer {
  return Buffer.concat((JSON.parse(json) as WrittenFrame[]).map(toFrame));
}
