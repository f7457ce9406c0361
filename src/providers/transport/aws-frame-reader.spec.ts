import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toFrame } from '../../../test/support/aws-frames.js';
import { cuts } from '../../../test/support/cuts.js';
import type { SseEvent } from '../canonical/chat.js';
import { AwsFrameReader } from './aws-frame-reader.js';

const LIMIT = 1024;
const REFUSAL = expect.objectContaining({ kind: 'invalid_response' }) as unknown as Error;

function read(pieces: readonly Uint8Array[], limit = LIMIT): SseEvent[] {
  const reader = new AwsFrameReader(limit);
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

describe('AwsFrameReader', () => {
  /**
   * The first test vector of the protocol that has headers and a payload (`int32_header` aside, which is no text):
   * https://github.com/awslabs/aws-c-event-stream, tests: one header `content-type: application/json`, the payload `{'foo':'bar'}`.
   */
  it('reads the published frame with a header and a payload', () => {
    const frame = Buffer.from(
      '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
      'hex',
    );
    expect(read([frame])).toEqual([{ name: '', data: "{'foo':'bar'}" }]);
  });

  it('reads the published frame without headers and payload', () => {
    expect(read([Buffer.from('000000100000000005c248eb7d98c8ff', 'hex')])).toEqual([{ name: '', data: '' }]);
  });

  it('names events, exceptions and errors by their kind', () => {
    const frames = [
      toFrame({ event: 'contentBlockDelta', payload: { text: 'é🌍' } }),
      toFrame({ exception: 'throttlingException', payload: { message: 'slow' } }),
      toFrame({ error: 'InternalFailure', message: 'no' }),
    ];
    expect(read(frames)).toEqual([
      { name: 'contentBlockDelta', data: '{"text":"é🌍"}' },
      { name: 'throttlingException', data: '{"message":"slow"}' },
      { name: 'InternalFailure', data: '{"message":"no"}' },
    ]);
  });

  it('gives an event as soon as its last byte is there, and keeps no hold on the bytes it was given', () => {
    const reader = new AwsFrameReader(LIMIT);
    const frame = toFrame({ event: 'a', payload: 1 });
    const first = Buffer.from(frame.subarray(0, frame.length - 1));
    expect(reader.push(first)).toEqual([]);
    first.fill(0);
    expect(reader.push(frame.subarray(frame.length - 1))).toEqual([{ name: 'a', data: '1' }]);
    expect(reader.end()).toEqual([]);
  });

  it('reads whatever frames the same wherever they are cut', () => {
    const frame = fc.record({
      event: fc.string({ minLength: 1, maxLength: 20 }),
      payload: fc.jsonValue({ maxDepth: 1 }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (frames, at) => {
        const expected = frames.map(({ event, payload }) => ({ name: event, data: JSON.stringify(payload) }));
        expect(read(cuts(Buffer.concat(frames.map(toFrame)), at), 64 * 1024)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a frame with any byte changed, however it is cut', () => {
    const good = Buffer.concat([toFrame({ event: 'a', payload: { b: 1 } }), toFrame({ event: 'c', payload: 2 })]);
    for (let place = 0; place < good.length; place++) {
      const bytes = Buffer.from(good);
      bytes[place] = (bytes[place] ?? 0) ^ 0x10;
      for (const at of [0, 5, 12, 40]) {
        expect(() => read([bytes.subarray(0, at), bytes.subarray(at)])).toThrow(REFUSAL);
      }
    }
  });

  it('gives what came whole ahead of a damaged frame, and refuses the rest', () => {
    const frame = toFrame({ event: 'a', payload: 1 });
    const bad = Buffer.from(frame);
    bad[bad.length - 1] = (bad[bad.length - 1] ?? 0) ^ 1;
    for (const finish of [(reader: AwsFrameReader) => reader.push(frame), (reader: AwsFrameReader) => reader.end()]) {
      const reader = new AwsFrameReader(LIMIT);
      expect(reader.push(Buffer.concat([frame, bad, frame]))).toEqual([{ name: 'a', data: '1' }]);
      expect(() => finish(reader)).toThrow(REFUSAL);
    }
  });

  it('does not wait for a frame whose lengths are damaged or beyond the limit', () => {
    const long = toFrame({ event: 'a', payload: 'x'.repeat(LIMIT) });
    expect(() => new AwsFrameReader(LIMIT).push(long.subarray(0, 12))).toThrow(REFUSAL);
    const damaged = Buffer.from(long);
    damaged.writeUInt32BE(20, 0);
    expect(() => new AwsFrameReader(LIMIT).push(damaged.subarray(0, 12))).toThrow(REFUSAL);
    // Lengths that contradict each other under a checksum that is right.
    const contradiction = Buffer.from('00000010000000ff00000000', 'hex');
    contradiction.writeUInt32BE(crc32(contradiction.subarray(0, 8)), 8);
    expect(() => new AwsFrameReader(LIMIT).push(contradiction)).toThrow(REFUSAL);
  });

  it('allows a frame of exactly the limit', () => {
    const frame = toFrame({ event: 'a', payload: 'b' });
    expect(read([frame], frame.length)).toHaveLength(1);
    expect(() => read([frame], frame.length - 1)).toThrow(REFUSAL);
  });

  it('says that a stream broke off inside a frame, so that an answer that was finished before stands', () => {
    const frame = toFrame({ event: 'a', payload: 'b' });
    const incomplete = expect.objectContaining({ kind: 'incomplete' }) as unknown as Error;
    for (let at = 1; at < frame.length; at++) expect(() => read([frame, frame.subarray(0, at)])).toThrow(incomplete);
  });

  it('makes nothing but events and refusals of noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          read([bytes]);
        } catch (error) {
          expect(['invalid_response', 'incomplete']).toContain((error as { kind?: string }).kind);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
