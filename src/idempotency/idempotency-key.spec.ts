import type { IncomingMessage } from 'node:http';
import { readIdempotencyKey, requestHash } from './idempotency-key.js';

/** A request with the header sent once for each value. */
function sent(...values: string[]): IncomingMessage {
  const headers = values.length === 0 ? {} : { 'idempotency-key': values.join(', ') };
  return { headers, headersDistinct: values.length === 0 ? {} : { 'idempotency-key': values } } as never;
}

describe('an Idempotency-Key', () => {
  it('may be left out', () => {
    expect(readIdempotencyKey(sent())).toBeUndefined();
  });

  it.each(['a', '"quoted"', 'a, b', '8e03978e-40d5-43e8-bc93-6894a57f9324', 'x'.repeat(255), '~ !'])(
    '%j is taken as it is',
    (key) => {
      expect(readIdempotencyKey(sent(key))).toBe(key);
    },
  );

  it.each(['', 'x'.repeat(256), 'schlüssel', '钥', 'a\tb', 'a\0b', '\x7f'])('%j is refused', (key) => {
    expect(() => readIdempotencyKey(sent(key))).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_idempotency_key' }),
    );
  });

  it('given twice is refused', () => {
    expect(() => readIdempotencyKey(sent('a', 'b'))).toThrow(
      expect.objectContaining({ code: 'invalid_idempotency_key' }),
    );
  });
});

describe('the hash of a request', () => {
  const hash = (route: string, body: string) => requestHash(route, Buffer.from(body)).toString('hex');

  it('differs with the route and with any byte of the body', () => {
    expect(hash('POST /a', '{}')).toBe(hash('POST /a', '{}'));
    const hashes = [hash('POST /a', '{}'), hash('POST /b', '{}'), hash('POST /a', '{} '), hash('POST /a', '')];
    expect(new Set(hashes).size).toBe(4);
  });
});
