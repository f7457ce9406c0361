import { describe, expect, it } from '@jest/globals';
import { CAPTURED_BYTES_MAX, Capture, type CapturedSides } from './capture.js';

const FACTS = { requestId: 'req_1', accountId: '2', keyId: '3', endpoint: 'POST /x' };

function taken(fill: (capture: Capture) => void): CapturedSides {
  const ends: CapturedSides[] = [];
  const capture = new Capture(FACTS, (sides) => ends.push(sides));
  fill(capture);
  capture.end(200, 'm');
  capture.end(500, 'n');
  expect(ends).toHaveLength(1);
  return ends[0]!;
}

describe('a captured exchange', () => {
  it('is what was asked and every part of the answer, and ends once', () => {
    const sides = taken((capture) => {
      capture.takeRequest(Buffer.from('{"prompt":"né"}'));
      capture.takeAnswer('data: 1\n\n');
      capture.takeAnswer(Buffer.from('data: 2\n\n'));
    });
    expect(sides).toEqual({
      ...FACTS,
      model: 'm',
      status: 200,
      request: '{"prompt":"né"}',
      response: 'data: 1\n\ndata: 2\n\n',
      isTruncated: false,
    });
  });

  it('has nothing where nothing came', () => {
    expect(taken(() => undefined)).toMatchObject({ request: undefined, response: undefined, isTruncated: false });
  });

  it('is not cut at the very limit', () => {
    const sides = taken((capture) => {
      capture.takeAnswer('a'.repeat(CAPTURED_BYTES_MAX - 2));
      capture.takeAnswer('é');
      capture.takeAnswer('');
    });
    expect(sides).toMatchObject({ isTruncated: false });
    expect(Buffer.byteLength(sides.response!)).toBe(CAPTURED_BYTES_MAX);
  });

  it('is cut beyond it, between two characters, wherever the parts end', () => {
    const sides = taken((capture) => {
      capture.takeAnswer('a'.repeat(CAPTURED_BYTES_MAX - 1));
      capture.takeAnswer('é and more');
      capture.takeAnswer('much more');
    });
    expect(sides.isTruncated).toBe(true);
    expect(sides.response).toBe('a'.repeat(CAPTURED_BYTES_MAX - 1));
  });

  it('keeps no API key that somebody put into a body', () => {
    const { request } = taken((capture) => capture.takeRequest(Buffer.from('a sk_live_abc123 b sk_live_XYZ')));
    expect(request).toBe('a sk_live_... b sk_live_...');
  });
});
