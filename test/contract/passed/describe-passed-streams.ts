import type { AnswerEvent, AnswerEventReader } from '../../../src/providers/canonical/answer-events.js';
import type { Usage } from '../../../src/providers/canonical/usage.js';
import { FRAMINGS } from '../../../src/providers/transport/stream-framings.js';
import { listOf } from '../fixtures-of.js';
import { FRAMED } from '../framed.js';
import type { PassedStream } from './passed-fixtures.js';

const LINE_BYTES_MAX = 1024 * 1024;
const FRAMED_SSE = FRAMED.sse;

/** What the promises of streams need to know of an operation. */
export interface StreamSubject {
  open(stream: PassedStream): AnswerEventReader;
  /** Matches where an answer says that it has come to its end. */
  readonly endPattern: RegExp;
}

interface Meaning {
  readonly texts: string[];
  readonly sounds: unknown[];
  readonly finished: string[];
  usage: Usage | undefined;
}

/** The promises of every reader of a stream that passes through. */
export function describePassedStreams(streams: readonly PassedStream[], { open, endPattern }: StreamSubject): void {
  const good = streams.filter(({ expect: { error } }) => error === undefined);
  const failing = streams.filter(({ expect: { error } }) => error !== undefined);
  const read = (stream: PassedStream, ...pieces: readonly Uint8Array[]): AnswerEvent[] => {
    const lines = FRAMINGS.sse.open(LINE_BYTES_MAX);
    const reader = open(stream);
    const items: AnswerEvent[] = [];
    for (const piece of pieces) for (const event of lines.push(piece)) items.push(...reader.push(event));
    for (const event of lines.end()) items.push(...reader.push(event));
    return items;
  };

  it('has recorded streams', () => expect(good.length).toBeGreaterThan(0));

  it.each(good)('reads $name', (stream) => {
    const items = read(stream, stream.bytes);
    const { texts, sound, finished, usage } = stream.expect;
    const meaning = meaningOf(items);
    expect(meaning.texts).toEqual(texts ?? []);
    if (sound !== undefined) expect(meaning.sounds.join('|')).toBe(sound);
    expect(meaning.finished).toEqual(finished);
    expect(meaning.usage ?? null).toEqual(usage);
    const hasDone = stream.bytes.includes('[DONE]');
    expect(items.filter(({ type }) => type === 'done')).toHaveLength(hasDone ? 1 : 0);
    expect(items.filter(({ type }) => type === 'malformed' || type === 'error')).toEqual([]);
  });

  it.each(streams)('reads $name the same wherever it is cut', (stream) => {
    const { bytes } = stream;
    const whole = JSON.stringify(plain(read(stream, bytes)));
    for (let at = 1; at < bytes.length; at++) {
      if (JSON.stringify(plain(read(stream, bytes.subarray(0, at), bytes.subarray(at)))) !== whole)
        throw new Error(`Cut at byte ${at}.`);
    }
    const single = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
    expect(JSON.stringify(plain(read(stream, ...single)))).toBe(whole);
  });

  it.each(good)('never takes $name for finished before it is', (stream) => {
    const items = read(stream, FRAMED_SSE.before(stream.bytes, endPattern));
    expect(meaningOf(items).finished).toEqual([]);
    expect(items.filter(({ type }) => type === 'done')).toEqual([]);
  });

  it.each(good)('reads $name past comments, pings and other line ends', (stream) => {
    const whole = plain(read(stream, stream.bytes));
    for (const noisy of FRAMED_SSE.noisy(stream.bytes)) expect(plain(read(stream, noisy))).toEqual(whole);
  });

  it.each(good)('says nothing of usage when $name has none', (stream) => {
    const bytes = FRAMED_SSE.changed(stream.bytes, (event) => {
      delete event['usage'];
    });
    const items = read(stream, bytes);
    expect(items.filter(({ type }) => type === 'usage')).toEqual([]);
    expect(meaningOf(items).finished).toEqual(stream.expect.finished);
  });

  if (failing.length > 0)
    it.each(failing)('reads the failure inside $name, and nothing after it', (stream) => {
      const items = read(stream, stream.bytes, Buffer.from('data: [DONE]\n\n'));
      const last = items.at(-1);
      if (last?.type !== 'error') throw new Error(`The last item is ${last?.type}.`);
      expect(listOf(stream.expect.error!.kind)).toContain(last.error.kind);
      expect(meaningOf(items)).toMatchObject({ texts: stream.expect.texts ?? [], finished: stream.expect.finished });
    });

  it('drops a broken event among good ones and reads on', () => {
    const stream = good[0]!;
    const [first, ...rest] = read(stream, FRAMED_SSE.broken, stream.bytes);
    expect(first).toEqual({ type: 'malformed' });
    expect(plain(rest)).toEqual(plain(read(stream, stream.bytes)));
  });

  it('reads a second stream as if there had been none before', () => {
    const stream = good.at(-1)!;
    expect(plain(read(stream, stream.bytes))).toEqual(plain(read(stream, stream.bytes)));
  });
}

/** Sums up a stream as a plain client would: every text is appended, so that anything told twice shows. */
function meaningOf(items: readonly AnswerEvent[]): Meaning {
  const meaning: Meaning = { texts: [], sounds: [], finished: [], usage: undefined };
  for (const item of items) {
    if (item.type === 'usage') meaning.usage = item.usage;
    if (item.type !== 'event') continue;
    for (const { choice, text } of item.texts) meaning.texts[choice] = (meaning.texts[choice] ?? '') + text;
    for (const { choice, reason } of item.finished) {
      expect(meaning.finished[choice]).toBeUndefined();
      meaning.finished[choice] = reason;
    }
    if (item.value['audio'] !== undefined) meaning.sounds.push(item.value['audio']);
    // What the caller can use is what no other channel may be asked for again.
    const isUseful = item.texts.some(({ text }) => text !== '') || item.value['audio'] !== undefined;
    expect(item.hasContent).toBe(isUseful);
  }
  return meaning;
}

/** What went to the caller and what was learnt, without members that JSON leaves out. */
function plain(items: readonly AnswerEvent[]): unknown[] {
  return items.map((item) =>
    item.type === 'error'
      ? { type: 'error', kind: item.error.kind, message: item.error.message }
      : JSON.parse(JSON.stringify(item)),
  );
}
