import { hash } from 'node:crypto';
import { API_KEY_LENGTH } from '../common/api-key.js';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * HMAC-SHA-256 of API keys (RFC 2104) for the request path: the same value as `hashApiKey`, in a third of the time,
 * because the padded key is prepared once and no Hmac object is made per request.
 */
export class ApiKeyHasher {
  private readonly inner: Buffer;
  private readonly outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  /**
   * @param pepper at most 64 bytes.
   * @param keyLength characters of every key.
   */
  constructor(
    pepper: Buffer,
    private readonly keyLength: number = API_KEY_LENGTH,
  ) {
    this.inner = Buffer.alloc(BLOCK_BYTES + keyLength);
    if (pepper.length > BLOCK_BYTES) throw new RangeError('The key for hashing API keys is too long.');
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = pepper[i] ?? 0;
      this.inner[i] = byte ^ 0x36;
      this.outer[i] = byte ^ 0x5c;
    }
  }

  /** @param key a well-formed API key of that length. @returns the keyed hash in base64. */
  hash(key: string): string {
    if (key.length !== this.keyLength) throw new RangeError('This is not a well-formed API key.');
    this.inner.write(key, BLOCK_BYTES, 'latin1');
    this.outer.set(hash('sha256', this.inner, 'buffer'), BLOCK_BYTES);
    return hash('sha256', this.outer, 'base64');
  }
}
