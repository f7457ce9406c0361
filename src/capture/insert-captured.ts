import { uuid7Hex } from '../common/ids.js';
import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import type { CapturedSides } from './capture.js';
import { type CapturedOwner, sealSide } from './captured-binding.js';

/** Encrypts an exchange and stores it. @returns its id. @throws DatabaseUnavailableError when the database is away. */
export async function insertCaptured(
  session: SqlSession,
  cipher: CredentialCipher,
  sides: CapturedSides,
  expiresAt: Date,
): Promise<string> {
  const { accountId, keyId, requestId, endpoint, model, status, isTruncated } = sides;
  const id = uuid7Hex(Date.now()).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const owner: CapturedOwner = { id, accountId, keyId };
  await session.query(
    `insert into captured_exchange (id, request_id, account_id, key_id, endpoint, model, request, response, status, is_truncated, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      id,
      requestId.slice('req_'.length),
      accountId,
      keyId,
      endpoint,
      // A name that no model has may hold what the database does not take as text.
      model?.replaceAll('\0', '').slice(0, MODEL_LENGTH_MAX) ?? null,
      sealSide(cipher, owner, 'request', sides.request),
      sealSide(cipher, owner, 'response', sides.response),
      status,
      isTruncated,
      expiresAt,
    ],
  );
  return id;
}

const MODEL_LENGTH_MAX = 256;
