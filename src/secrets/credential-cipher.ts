import { Inject, Injectable } from '@nestjs/common';
import type { SqlSession } from '../database/sql.js';
import { Keyring } from './keyring.js';
import { open, SealError, seal } from './seal.js';

const VERSION = 1;
const KEY_ID_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** Encrypts the credentials of channels: version, key id, nonce, tag, ciphertext. */
@Injectable()
export class CredentialCipher {
  constructor(@Inject(Keyring) private readonly keyring: Keyring) {}

  /** @param binding names the row and column, such as `channel:7:credential`; the bytes open for no other. */
  encrypt(plaintext: string, binding: string): Buffer {
    const key = this.keyring.credentialKey;
    const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(key.id.replaceAll('-', ''), 'hex')]);
    return Buffer.concat([header, seal(key.bytes, Buffer.from(plaintext), aadOf(header, binding))]);
  }

  /**
   * @param session the transaction this is called in, if any.
   * @throws SealError when the bytes were changed, belong to another row, or their key is gone.
   */
  async decrypt(sealed: Uint8Array, binding: string, session?: SqlSession): Promise<string> {
    const header = Buffer.from(sealed.subarray(0, HEADER_BYTES));
    if (header.length < HEADER_BYTES || header[0] !== VERSION) throw new SealError('Unknown format of a credential');
    const key = await this.keyring.findCredentialKey(keyIdOf(header), session);
    if (!key) throw new SealError('The key of a credential is gone');
    return open(key.bytes, sealed.subarray(HEADER_BYTES), aadOf(header, binding)).toString();
  }

  /** True when a newer key has become the active one. */
  isOutdated(sealed: Uint8Array): boolean {
    return keyIdOf(Buffer.from(sealed.subarray(0, HEADER_BYTES))) !== this.keyring.credentialKey.id;
  }
}

function keyIdOf(header: Buffer): string {
  return header.toString('hex', 1).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function aadOf(header: Buffer, binding: string): Buffer {
  return Buffer.concat([header, Buffer.from(binding)]);
}
