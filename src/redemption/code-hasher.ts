import { createHmac, hkdfSync } from 'node:crypto';
import type { Keyring } from '../secrets/keyring.js';

const PURPOSE = 'ug-ai-hub redemption code v1';
const KEY_BYTES = 32;

/**
 * What is stored of redemption codes: their HMAC-SHA-256. The key is derived from the one of API keys for this purpose
 * alone, so that neither kind of hash says anything about the other.
 */
export class CodeHasher {
  private readonly key: Buffer;

  constructor(keyring: Pick<Keyring, 'apiKeyPepper'>) {
    this.key = Buffer.from(hkdfSync('sha256', keyring.apiKeyPepper, '', PURPOSE, KEY_BYTES));
  }

  /** @param symbols of `readCode` or `generateSymbols`. @returns 32 bytes. */
  hash(symbols: string): Buffer {
    return createHmac('sha256', this.key).update(symbols).digest();
  }
}
