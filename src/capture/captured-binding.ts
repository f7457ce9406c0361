import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';

/** The two sides of an exchange, as their columns are called. */
export type CapturedSide = 'request' | 'response';

/** Whose row the ciphertext belongs to. */
export interface CapturedOwner {
  /** A UUID with dashes. */
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string;
}

/** Encrypts a side for its row, owner and column; it opens for no other. Null for none. */
export function sealSide(
  cipher: CredentialCipher,
  owner: CapturedOwner,
  side: CapturedSide,
  text: string | undefined,
): Buffer | null {
  return text === undefined ? null : cipher.encrypt(text, bindingOf(owner, side));
}

/** The text of a side, or null for none. @throws SealError when the bytes were changed or belong elsewhere, or their key is gone. */
export async function openSide(
  cipher: CredentialCipher,
  owner: CapturedOwner,
  side: CapturedSide,
  sealed: Uint8Array | null,
  session: SqlSession,
): Promise<string | null> {
  return sealed === null ? null : await cipher.decrypt(sealed, bindingOf(owner, side), session);
}

function bindingOf({ id, accountId, keyId }: CapturedOwner, side: CapturedSide): string {
  return `captured_exchange:${id}:account:${accountId}:key:${keyId}:${side}`;
}
