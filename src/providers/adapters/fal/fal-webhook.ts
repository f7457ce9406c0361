import { createHash, createPublicKey, verify } from 'node:crypto';
import { isObject } from '../../../common/is-object.js';

const TOLERANCE_MS = 5 * 60 * 1000;
/** 32 bytes in base64url, as a key set has them. */
const KEY = /^[\w-]{43}$/;
/** 64 bytes. */
const SIGNATURE = /^[0-9a-f]{128}$/i;

/**
 * Whether a webhook is fal's: Ed25519 over request id, user id, timestamp and the body's SHA-256, each on a line of its own, not older or
 * newer than five minutes. https://fal.ai/docs/documentation/model-apis/inference/webhooks
 *
 * @param keys the public keys that fal publishes at https://rest.alpha.fal.ai/.well-known/jwks.json: the whole of that key set, or the
 *   `x` of its keys with spaces or commas between; where there is no key in it, nothing is genuine.
 * @param headers lower-case names.
 * @param nowMs Unix time in milliseconds.
 */
export function isFalWebhook(
  keys: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  nowMs: number,
): boolean {
  const requestId = headers['x-fal-webhook-request-id'];
  const userId = headers['x-fal-webhook-user-id'];
  const timestamp = headers['x-fal-webhook-timestamp'];
  const signature = headers['x-fal-webhook-signature'];
  if (requestId === undefined || userId === undefined || timestamp === undefined || signature === undefined)
    return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - nowMs) > TOLERANCE_MS) return false;
  if (!SIGNATURE.test(signature)) return false;
  const digest = createHash('sha256').update(body).digest('hex');
  const message = Buffer.from([requestId, userId, timestamp, digest].join('\n'));
  return readKeys(keys).some((x) => {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, Buffer.from(signature, 'hex'));
  });
}

function readKeys(text: string): readonly string[] {
  const found = text.trimStart().startsWith('{') ? keysOfSet(text) : text.split(/[\s,]+/);
  return found.filter((x) => KEY.test(x));
}

function keysOfSet(text: string): readonly string[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    // A key set that cannot be read has no keys: nothing is genuine.
    return [];
  }
  const keys: unknown = isObject(set) ? set['keys'] : undefined;
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key: unknown) => (isObject(key) && typeof key['x'] === 'string' ? [key['x']] : []));
}

/** Which request a webhook is about. */
export function readFalWebhook(body: Uint8Array): { readonly upstreamId: string } | undefined {
  let message: unknown;
  try {
    message = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  const id = isObject(message) ? message['request_id'] : undefined;
  return typeof id === 'string' && id !== '' ? { upstreamId: id } : undefined;
}
