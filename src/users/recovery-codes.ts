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

/** Whether a person has a second factor, and how many recovery codes are left. */
export async function readSecondFactor(
  session: SqlSession,
  userId: string,
): Promise<{ readonly isOn: boolean; readonly recoveryCodesLeft: number }> {
  const [row] = await session.query<{ is_on: boolean; left: number }>(
    `select totp_confirmed_at is not null as is_on,
            (select count(*)::integer from recovery_code where user_id = u.id and used_at is null) as "left"
       from app_user u where id = $1`,
    [userId],
  );
  return { isOn: row?.is_on === true, recoveryCodesLeft: row?.left ?? 0 };
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
