import type { StreamFraming } from '../provider.js';
import { AwsFrameReader } from './aws-frame-reader.js';
import type { EventReader } from './event-reader.js';
import { NdjsonReader } from './ndjson-reader.js';
import { SseReader } from './sse-reader.js';

/** How streams of one framing are asked for, known and read. */
export interface Framing {
  /** What requests for a stream accept. */
  readonly mediaType: string;
  /** True when an answer with this content type, in lower case, is such a stream. */
  isStream(contentType: string): boolean;
  /** @param eventBytesMax longest line, event or frame, in bytes. */
  open(eventBytesMax: number): EventReader;
}

/** All framings by their names. */
export const FRAMINGS: Readonly<Record<StreamFraming, Framing>> = {
  sse: {
    mediaType: 'text/event-stream',
    isStream: (type) => type.includes('text/event-stream'),
    open: (max) => new SseReader(max),
  },
  ndjson: {
    mediaType: 'application/x-ndjson',
    isStream: (type) => /ndjson|jsonl|stream\+json/.test(type),
    open: (max) => new NdjsonReader(max),
  },
  aws: {
    mediaType: 'application/vnd.amazon.eventstream',
    isStream: (type) => type.includes('vnd.amazon.eventstream'),
    open: (max) => new AwsFrameReader(max),
  },
};
