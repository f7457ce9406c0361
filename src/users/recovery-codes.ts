import { createHmac, randomInt } from 'node:crypto';
import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';

const COUNT = 10;
/** Crockford's base32: no letters that look like digits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 50 bits: guessing is slowed as passwords are, and the stored hash needs the master key. */
const SYMBOLS = 10;
const KEY_LABEL = 'recovery code';

type Keys = Pick<Keyring, 'deriveKey'>;

/** Gives a person ten new recovery codes; older ones count no more. @returns the codes, which are shown once. */
export async function renewRecoveryCodes(session: SqlSession, keyring: Keys, userId: string): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, generate);
  await session.query('delete from recovery_code where user_id = $1', [userId]);
  for (const code of codes) {
    await session.query('insert into recovery_code (user_id, code_hash) values ($1, $2)', [
      userId,
      hashOf(keyring, userId, code),
    ]);
  }
  return codes;
}

/** Uses a recovery code up. @returns false when the person has no such code that is unused; of two at once one is right. */
export async function consumeRecoveryCode(
  session: SqlSession,
  keyring: Keys,
  userId: string,
  code: string,
): Promise<boolean> {
  const rows = await session.query(
    `update recovery_code set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null returning user_id`,
    [userId, hashOf(keyring, userId, code)],
  );
  return rows.length === 1;
}

/** How many codes a person has left. */
export async function countRecoveryCodes(session: SqlSession, userId: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    'select count(*)::integer as count from recovery_code where user_id = $1 and used_at is null',
    [userId],
  );
  return row?.count ?? 0;
}

function generate(): string {
  const symbols = Array.from({ length: SYMBOLS }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return `${symbols.slice(0, SYMBOLS / 2)}-${symbols.slice(SYMBOLS / 2)}`;
}

/** As typed, with or without dashes and capitals; O is 0, and I and L are 1. */
function hashOf(keyring: Keys, userId: string, code: string): Buffer {
  const symbols = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return createHmac('sha256', keyring.deriveKey(KEY_LABEL)).update(`${userId}:${symbols}`).digest();
}
