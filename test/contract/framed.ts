import type { StreamFraming } from '../../src/providers/provider.js';
import { AwsFrameReader } from '../../src/providers/transport/aws-frame-reader.js';
import { toFrame } from '../support/aws-frames.js';
import type { WireCopy } from './dialect.js';

const FRAME_BYTES_MAX = 1024 * 1024;

/** What the suite does to recorded streams, by how they are cut into events. */
export interface Framed {
  /** What comes before the event in which the pattern is found first. */
  before(bytes: Buffer, pattern: RegExp): Buffer;
  /** The same stream with things in it that say nothing, in as many ways as there are. */
  noisy(bytes: Buffer): readonly Buffer[];
  /** The same stream with its JSON objects changed. */
  changed(bytes: Buffer, change: (event: WireCopy) => void): Buffer;
  /** An event that cannot be read. */
  readonly broken: Buffer;
}

/** By the name of the framing. */
export const FRAMED: Readonly<Record<StreamFraming, Framed>> = {
  sse: {
    before: (bytes, pattern) => upTo(bytes, pattern, 'data:'),
    noisy(bytes) {
      const noise = '\n\n: keep-alive\n\nevent: ping\ndata: {}\n\nretry: 10\n\n';
      const text = bytes.toString('utf8').split('\n\n').join(noise);
      return [Buffer.from(text), Buffer.from(text.replaceAll('\n', '\r\n'))];
    },
    changed: (bytes, change) => changeLines(bytes, 'data: ', change),
    broken: Buffer.from('data: {"choices":[{"ind\n\n'),
  },
  ndjson: {
    before: (bytes, pattern) => upTo(bytes, pattern, '\n'),
    noisy(bytes) {
      const text = bytes.toString('utf8').replaceAll('\n', '\n\n  \n');
      return [Buffer.from(text), Buffer.from(text.replaceAll('\n', '\r\n'))];
    },
    changed: (bytes, change) => changeLines(bytes, '', change),
    broken: Buffer.from('{"choices":[{"ind\n'),
  },
  aws: {
    before(bytes, pattern) {
      const events = eventsIn(bytes);
      const at = events.findIndex(({ data }) => pattern.test(data));
      if (at === -1) throw new Error('The recording has no finish reason.');
      return toBytes(events.slice(0, at));
    },
    noisy: (bytes) => [toBytes(eventsIn(bytes).flatMap((event) => [{ name: 'eventOfTomorrow', data: '{}' }, event]))],
    changed: (bytes, change) =>
      toBytes(
        eventsIn(bytes).map(({ name, data }) => {
          const payload = JSON.parse(data);
          change(payload);
          return { name, data: JSON.stringify(payload) };
        }),
      ),
    broken: toFrame({ event: 'contentBlockDelta', text: '{"choices":[{"ind' }),
  },
};

function upTo(bytes: Buffer, pattern: RegExp, begin: string): Buffer {
  const text = bytes.toString('utf8');
  const found = pattern.exec(text);
  if (found === null) throw new Error('The recording has no finish reason.');
  return Buffer.from(text.slice(0, text.lastIndexOf(begin, found.index)));
}

function changeLines(bytes: Buffer, prefix: string, change: (event: WireCopy) => void): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  const changed = lines.map((line) => {
    if (!line.startsWith(`${prefix}{`)) return line;
    const event = JSON.parse(line.slice(prefix.length));
    change(event);
    return prefix + JSON.stringify(event);
  });
  return Buffer.from(changed.join('\n'));
}

interface Named {
  readonly name: string;
  readonly data: string;
}

const eventsIn = (bytes: Buffer): Named[] => new AwsFrameReader(FRAME_BYTES_MAX).push(bytes);

const toBytes = (events: readonly Named[]): Buffer =>
  Buffer.concat(events.map(({ name, data }) => toFrame({ event: name, text: data })));
