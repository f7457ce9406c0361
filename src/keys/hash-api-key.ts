import { createHmac } from 'node:crypto';

/** What is stored of an API key: its HMAC-SHA-256 under the key of the keyring. */
export function hashApiKey(pepper: Buffer, key: string): Buffer {
  return createHmac('sha256', pepper).update(key).digest();
}
