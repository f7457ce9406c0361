import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cuts } from '../../../test/support/cuts.js';
import type { SseEvent } from '../canonical/chat.js';
import { SseReader } from './sse-reader.js';

const LIMIT = 1024;

/** Reads bytes that arrive in these pieces. */
function read(pieces: readonly Uint8Array[], limit = LIMIT): SseEvent[] {
  const reader = new SseReader(limit);
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

function readText(text: string): SseEvent[] {
  return read([Buffer.from(text)]);
}

/** The standard, spelled out as plainly as possible: whole text, regular expressions, no state kept over pieces. */
function readPlainly(bytes: Uint8Array): SseEvent[] {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/);
  const events: SseEvent[] = [];
  let name = '';
  let data: string[] = [];
  // The last blank line may be missing.
  for (const line of [...lines, '']) {
    if (line === '') {
      if (data.length > 0) events.push({ name, data: data.join('\n') });
      name = '';
      data = [];
      continue;
    }
    const [, field = line, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'event') name = value;
  }
  return events;
}

describe('SseReader', () => {
  it.each([
    ['LF', 'data: a\ndata: b\n\n'],
    ['CRLF', 'data: a\r\ndata: b\r\n\r\n'],
    ['CR', 'data: a\rdata: b\r\r'],
    ['mixed line ends', 'data: a\rdata: b\r\n\n'],
    ['a byte order mark', '\ufeffdata: a\ndata: b\n\n'],
    ['comments', ': hello\ndata: a\n:\ndata: b\n\n: bye\n\n'],
    ['no space after the colon', 'data:a\ndata:b\n\n'],
    ['fields nobody asked for', 'id: 7\nretry: 10\nwhatever: x\nnocolon\ndata: a\ndata: b\n\n'],
    ['no last blank line', 'data: a\ndata: b'],
  ])('reads %s', (_name, text) => {
    expect(readText(text)).toEqual([{ name: '', data: 'a\nb' }]);
  });

  it('gives an event its name, and forgets it for the next', () => {
    expect(readText('event: error\ndata: 1\n\ndata: 2\n\n')).toEqual([
      { name: 'error', data: '1' },
      { name: '', data: '2' },
    ]);
  });

  it('gives no event for a name without data, and one for empty data', () => {
    expect(readText('event: ping\n\n')).toEqual([]);
    expect(readText('data\n\n')).toEqual([{ name: '', data: '' }]);
  });

  it('takes only one space away, and only one byte order mark', () => {
    expect(readText('data:  a\n\n\ufeffdata: b\n\n')).toEqual([{ name: '', data: ' a' }]);
  });

  it('gives an event as soon as its blank line is there', () => {
    const reader = new SseReader(LIMIT);
    expect(reader.push(Buffer.from('data: a\r\n\r'))).toEqual([{ name: '', data: 'a' }]);
    expect(reader.push(Buffer.from('\ndata: b\n'))).toEqual([]);
    expect(reader.push(Buffer.from('\n'))).toEqual([{ name: '', data: 'b' }]);
  });

  it('keeps no hold on the bytes it was given', () => {
    const reader = new SseReader(LIMIT);
    const bytes = Buffer.from('data: ab');
    reader.push(bytes);
    bytes.fill(0x78);
    expect(reader.push(Buffer.from('\n\n'))).toEqual([{ name: '', data: 'ab' }]);
  });

  it('gives the same events wherever a stream is cut', () => {
    const bytes = Buffer.from(
      '\ufeff: c\r\nevent: x\rdata: {"a":"é🌍"}\r\n\r\ndata: 你\ndata: 好\n\ndata\r\rdata: [DONE]\r\n\r\nid: 1\ndata: z',
    );
    const whole = readPlainly(bytes);
    expect(read([bytes])).toEqual(whole);
    for (let i = 0; i <= bytes.length; i++) {
      for (let j = i; j <= bytes.length; j++) {
        expect(read([bytes.subarray(0, i), bytes.subarray(i, j), bytes.subarray(j)])).toEqual(whole);
      }
    }
  });

  // Pieces of the grammar in any order, and bytes that are none.
  it('reads whatever bytes as the standard does', () => {
    const word = fc.constantFrom('data', 'event', 'id', ':', ' ', '\n', '\r', '\r\n', '\n\n', '\ufeff', 'x', '🌍', 'é');
    const text = fc.array(word, { maxLength: 60 }).map((words) => Buffer.from(words.join('')));
    const noise = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.oneof({ weight: 3, arbitrary: text }, noise),
        fc.array(fc.nat(), { maxLength: 6 }),
        (bytes, at) => {
          // The one thing that is read otherwise has a test of its own.
          fc.pre(!/(?:^\ufeff?|[\r\n])[{[]/.test(Buffer.from(bytes).toString('utf8')));
          expect(read(cuts(bytes, at))).toEqual(readPlainly(bytes));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads a JSON value that has no field name before it, up to a blank line or the next data', () => {
    const error = '{\n  "error": {\n    "code": 503,\n    "message": "é"\n  }\n}';
    const bytes = Buffer.from(`data: a\n\n${error}\n\n[\r\n1]\r\ndata: b\n\ndata: c\n{"x":1}\n\n${error}`);
    const events = [
      { name: '', data: 'a' },
      { name: '', data: error },
      { name: '', data: '[\n1]' },
      { name: '', data: 'b' },
      { name: '', data: 'c' },
      { name: '', data: error },
    ];
    for (let i = 0; i <= bytes.length; i++) expect(read([bytes.subarray(0, i), bytes.subarray(i)])).toEqual(events);
  });

  it.each([
    ['a line', `data: ${'x'.repeat(LIMIT)}`],
    ['a line that ends', `data: ${'x'.repeat(LIMIT)}\n\n`],
    ['a comment', `:${'x'.repeat(LIMIT)}\n`],
    ['an event of many lines', `data: ${'x'.repeat(600)}\n`.repeat(2)],
    ['a bare value of many lines', `{${'x'.repeat(600)}\n`.repeat(2)],
  ])('refuses %s over the limit, however it is cut', (_name, text) => {
    const bytes = Buffer.from(text);
    const refusal = expect.objectContaining({ kind: 'invalid_response' });
    for (const at of [0, 1, 500, LIMIT - 1, LIMIT, bytes.length - 1]) {
      const reader = new SseReader(LIMIT);
      expect(() => {
        reader.push(bytes.subarray(0, at));
        reader.push(bytes.subarray(at));
      }).toThrow(refusal as unknown as Error);
    }
  });

  it('allows a line of exactly the limit, however it is cut', () => {
    const bytes = Buffer.from(`data: ${'x'.repeat(LIMIT - 6)}\n\n`);
    for (const at of [0, 1, LIMIT - 1, LIMIT, LIMIT + 1]) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toHaveLength(1);
    }
  });
});
