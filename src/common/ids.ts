import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(16 * 256);
let next = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562) without dashes: 32 hex digits that sort by time, also within one millisecond and process.
 * @param nowMs Unix time in milliseconds.
 */
export function uuid7Hex(nowMs: number): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = pool.readUInt16BE(next) & 0x7ff;
  } else if (++counter > 0xfff) {
    // More than 2,048 ids in one millisecond, or a clock that went back: borrow the next millisecond.
    lastMs++;
    counter = 0;
  }
  pool.writeUIntBE(lastMs, next, 6);
  pool.writeUInt16BE(0x7000 | counter, next + 6);
  pool.writeUInt8(((pool[next + 8] as number) & 0x3f) | 0x80, next + 8);
  const id = pool.toString('hex', next, next + 16);
  next += 16;
  return id;
}

/** A request id as callers and logs see it: `req_` and 32 hex digits; the digits are also the id of the request's hold. */
export function newRequestId(): string {
  return `req_${uuid7Hex(Date.now())}`;
}
