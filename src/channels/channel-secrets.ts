import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { callbackSecretBinding, credentialBinding } from './credential-binding.js';

/** A credential shorter than this would be half told by its last four characters. */
const CREDENTIAL_CHARS_SHOWN_MIN = 12;

/** Stores the credential of a channel, sealed; undefined takes it away. */
export async function writeCredential(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
  apiKey: string | undefined,
): Promise<void> {
  const sealed = apiKey === undefined ? null : cipher.encrypt(apiKey, credentialBinding(id));
  const last4 = apiKey !== undefined && apiKey.length >= CREDENTIAL_CHARS_SHOWN_MIN ? apiKey.slice(-4) : null;
  await session.query(`update channel set credential = $2, credential_last4 = $3 where id = $1`, [id, sealed, last4]);
}

/** Stores what the upstream of a channel signs its callbacks with, sealed; undefined takes it away. */
export async function writeCallbackSecret(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
  secret: string | undefined,
): Promise<void> {
  const sealed = secret === undefined ? null : cipher.encrypt(secret, callbackSecretBinding(id));
  await session.query(`update channel set callback_secret = $2 where id = $1`, [id, sealed]);
}
