import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cuts } from '../../../test/support/cuts.js';
import type { SseEvent } from '../canonical/chat.js';
import { NdjsonReader } from './ndjson-reader.js';

const LIMIT = 64;

function read(pieces: readonly Uint8Array[]): SseEvent[] {
  const reader = new NdjsonReader(LIMIT);
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

describe('NdjsonReader', () => {
  it('gives each line as an event without a name, whatever its line end, and no event for a blank one', () => {
    expect(read([Buffer.from('\ufeff{"a":1}\r\n\n  \n {"b":"é"} \n{"c":2}')])).toEqual([
      { name: '', data: '{"a":1}' },
      { name: '', data: '{"b":"é"}' },
      { name: '', data: '{"c":2}' },
    ]);
  });

  it('gives an event as soon as its line end is there', () => {
    const reader = new NdjsonReader(LIMIT);
    expect(reader.push(Buffer.from('{"a":1}'))).toEqual([]);
    expect(reader.push(Buffer.from('\n{"b"'))).toEqual([{ name: '', data: '{"a":1}' }]);
    expect(reader.end()).toEqual([{ name: '', data: '{"b"' }]);
  });

  it('keeps no hold on the bytes it was given', () => {
    const reader = new NdjsonReader(LIMIT);
    const bytes = Buffer.from('{"a":');
    reader.push(bytes);
    bytes.fill(0x78);
    expect(reader.push(Buffer.from('1}\n'))).toEqual([{ name: '', data: '{"a":1}' }]);
  });

  it('reads whatever lines the same wherever they are cut', () => {
    const word = fc.constantFrom('{"a":"', '"}', '\n', '\r\n', ' ', '你', '🌍', 'x');
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (written, at) => {
        const lines = written.split('\n').map((line) => line.trim());
        const expected = lines.filter((line) => line !== '').map((data) => ({ name: '', data }));
        expect(read(cuts(Buffer.from(written), at))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('allows a line of exactly the limit and refuses a longer one, however it is cut', () => {
    const refusal = expect.objectContaining({ kind: 'invalid_response' }) as unknown as Error;
    for (const [length, isAllowed] of [
      [LIMIT, true],
      [LIMIT + 1, false],
    ] as const) {
      const bytes = Buffer.from(`${'x'.repeat(length)}\n{}\n`);
      for (let at = 0; at <= bytes.length; at++) {
        const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
        if (isAllowed) expect(read(pieces)).toHaveLength(2);
        else expect(() => read(pieces)).toThrow(refusal);
      }
    }
  });
});
