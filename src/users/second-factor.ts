import { Inject, Injectable } from '@nestjs/common';
import type { SqlSession } from '../database/sql.js';
import { Keyring } from '../secrets/keyring.js';
import { consumeRecoveryCode, renewRecoveryCodes } from './recovery-codes.js';
import { TOTP_CODE } from './totp.js';
import { TotpSecrets } from './totp-secrets.js';
import { secondFactorExists, secondFactorMissing, wrongCode } from './users.errors.js';

/** The second factor of people: codes of an authenticator app, and recovery codes for when it is lost. */
@Injectable()
export class SecondFactor {
  constructor(
    @Inject(TotpSecrets) private readonly secrets: TotpSecrets,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * Makes a secret, which is shown once and counts from {@link confirm} on. Beginning again makes another one.
   * @throws HubError 409 `second_factor_exists`.
   */
  async begin(session: SqlSession, userId: string): Promise<Buffer> {
    if (await this.isOn(session, userId)) throw secondFactorExists();
    return this.secrets.begin(session, userId);
  }

  /**
   * Switches the second factor on, with a first code that proves that the app has the secret.
   *
   * @returns ten recovery codes, which are shown once.
   * @throws HubError 400 `wrong_code`, 409 `second_factor_exists`, 409 `second_factor_missing` before {@link begin}.
   */
  async confirm(session: SqlSession, userId: string, code: string): Promise<string[]> {
    if (await this.isOn(session, userId)) throw secondFactorExists();
    const [begun] = await session.query('select id from app_user where id = $1 and totp_secret is not null', [userId]);
    if (begun === undefined) throw secondFactorMissing('Begin with "beginSecondFactor".');
    if (!(await this.secrets.useCode(session, userId, code.trim(), Date.now()))) throw wrongCode();
    await session.query('update app_user set totp_confirmed_at = now(), updated_at = now() where id = $1', [userId]);
    return renewRecoveryCodes(session, this.keyring, userId);
  }

  /**
   * Uses up a code of the app or a recovery code.
   *
   * @param session holds the row of the person locked.
   * @returns which it was; undefined when it is neither, or was used.
   */
  async use(session: SqlSession, userId: string, typed: string): Promise<'totp' | 'recovery' | undefined> {
    const code = typed.replace(/\s/g, '');
    if (TOTP_CODE.test(code)) {
      return (await this.secrets.useCode(session, userId, code, Date.now())) ? 'totp' : undefined;
    }
    return (await consumeRecoveryCode(session, this.keyring, userId, code)) ? 'recovery' : undefined;
  }

  /** Gives ten new recovery codes. @throws HubError 409 `second_factor_missing`. */
  async renewCodes(session: SqlSession, userId: string): Promise<string[]> {
    if (!(await this.isOn(session, userId))) throw secondFactorMissing();
    return renewRecoveryCodes(session, this.keyring, userId);
  }

  private async isOn(session: SqlSession, userId: string): Promise<boolean> {
    const rows = await session.query(
      'select id from app_user where id = $1 and totp_confirmed_at is not null for update',
      [userId],
    );
    return rows.length === 1;
  }
}

/** Switches a second factor off and forgets its recovery codes. @returns false when there was none. */
export async function removeSecondFactor(session: SqlSession, userId: string): Promise<boolean> {
  const rows = await session.query(
    `update app_user set totp_secret = null, totp_confirmed_at = null, version = version + 1, updated_at = now()
      where id = $1 and totp_secret is not null returning id`,
    [userId],
  );
  await session.query('delete from recovery_code where user_id = $1', [userId]);
  return rows.length === 1;
}
