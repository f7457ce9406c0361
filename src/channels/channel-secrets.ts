import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { callbackSecretBinding, credentialBinding } from './credential-binding.js';

/** A credential shorter than this would be half told by its last four characters. */
const CREDENTIAL_CHARS_SHOWN_MIN = 12;
/** Stands where one of several credentials is too short to be told by its end. */
const NOT_SHOWN = '-';
/** Between the credentials of a channel, which are sealed as one text. None can hold it: they travel in header lines. */
const SEPARATOR = '\n';

/** The credentials of a channel as the one text that is sealed; undefined for none. */
export function joinCredentials(credentials: readonly string[]): string | undefined {
  return credentials.length === 0 ? undefined : credentials.join(SEPARATOR);
}

/** The credentials of a channel out of the text that was sealed; at least one. */
export function splitCredentials(text: string): readonly [string, ...string[]] {
  const [first = text, ...more] = text.split(SEPARATOR);
  return [first, ...more];
}

/** Stores the credentials of a channel, sealed as one; an empty list takes them away. */
export async function writeCredentials(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
  credentials: readonly string[],
): Promise<void> {
  const text = joinCredentials(credentials);
  const sealed = text === undefined ? null : cipher.encrypt(text, credentialBinding(id));
  await session.query(`update channel set credential = $2, credential_last4 = $3 where id = $1`, [
    id,
    sealed,
    last4Of(credentials),
  ]);
}

/** The last four characters of each, such as `a1b2, c3d4`; null when none may be shown. */
function last4Of(credentials: readonly string[]): string | null {
  const ends = credentials.map((text) => (text.length >= CREDENTIAL_CHARS_SHOWN_MIN ? text.slice(-4) : NOT_SHOWN));
  return ends.every((end) => end === NOT_SHOWN) ? null : ends.join(', ');
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
