import { createHash } from 'node:crypto';
import type { SignRequest } from '../../provider.js';

/** Set by who makes a request, to tell it from another that is the same to the letter and to the millisecond. */
export const TRACE_HEADER = 'ai-trace-id';

/**
 * The headers of a request to PixVerse: the key, and an id of the request. A request under the id of an earlier one is answered like
 * that one, so that ids must differ even where nothing else does: two tasks of one prompt, two questions after one task.
 */
export const signPixverse: SignRequest = ({ method, path, headers, body }, credential, nowMs) => ({
  'api-key': credential,
  [TRACE_HEADER]: toUuid(
    createHash('sha256')
      .update(`${method} ${path} ${nowMs} ${headers[TRACE_HEADER] ?? ''}\n`)
      .update(body ?? '')
      .digest(),
  ),
});

/** A UUID of version 8, whose bits are what its maker likes: RFC 9562. */
function toUuid(hash: Uint8Array): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
