import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_MS = 5 * 60 * 1000;
/** Keys are 24 to 64 bytes; a shorter one is no secret. */
const KEY_BYTES_MIN = 16;

/**
 * Whether a message is signed as https://www.standardwebhooks.com says: HMAC-SHA256 over `{id}.{timestamp}.{body}`, any of the
 * signatures in the header, not older or newer than five minutes.
 *
 * @param secret `whsec_` and the key in base64; one that is empty or too short makes nothing genuine.
 * @param headers lower-case names.
 * @param nowMs Unix time in milliseconds.
 */
export function isStandardWebhook(
  secret: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  nowMs: number,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (id === undefined || timestamp === undefined || signatures === undefined || key.length < KEY_BYTES_MIN)
    return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - nowMs) > TOLERANCE_MS) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => isSame(signature, expected));
}

function isSame(signature: string, expected: Uint8Array): boolean {
  const [version, text] = signature.split(',');
  if (version !== 'v1' || text === undefined || !/^[A-Za-z0-9+/]+=*$/.test(text)) return false;
  const given = Buffer.from(text, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
