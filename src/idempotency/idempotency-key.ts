import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { invalidIdempotencyKey } from './idempotency.errors.js';

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/**
 * The key a caller gave to make a request happen once, taken as it is.
 *
 * @returns undefined when the request has no such header.
 * @throws HubError 400 when it is empty, too long, not printable ASCII, or given twice.
 */
export function readIdempotencyKey(request: IncomingMessage): string | undefined {
  if (request.headers['idempotency-key'] === undefined) return undefined;
  // `headers` joins what was sent twice, which would make a key of two.
  const [key, ...more] = request.headersDistinct['idempotency-key'] ?? [];
  if (key === undefined || more.length > 0 || !PRINTABLE.test(key)) throw invalidIdempotencyKey();
  return key;
}

/**
 * What two requests with one key must have in common: the route and every byte of the body.
 *
 * @param route such as `POST /api/user/redemption`.
 * @returns the 32 bytes of a SHA-256.
 */
export function requestHash(route: string, body: Uint8Array): Buffer {
  return createHash('sha256').update(`${route}\n`).update(body).digest();
}
