import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import { findTotpStep, TOTP_SECRET_BYTES } from './totp.js';

/** The secrets of second factors, encrypted. */
@Injectable()
export class TotpSecrets {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  /** Gives a person a new secret, which counts from its first code on. @returns the secret, which is shown once. */
  async begin(session: SqlSession, userId: string): Promise<Buffer> {
    const secret = randomBytes(TOTP_SECRET_BYTES);
    await session.query(
      `update app_user set totp_secret = $2, totp_confirmed_at = null, totp_last_step = 0, updated_at = now() where id = $1`,
      [userId, this.cipher.encrypt(secret.toString('base64'), bindingOf(userId))],
    );
    return secret;
  }

  /**
   * Uses a code up: it and those before it count no more.
   *
   * @param session holds the row of the person locked, or takes turns on it here: of two with one code one is right.
   * @param ms since 1970, now.
   * @returns false when it is not the code, or was used.
   * @throws SealError when the stored secret does not open.
   */
  async useCode(session: SqlSession, userId: string, code: string, ms: number): Promise<boolean> {
    const [row] = await session.query<{ sealed: Buffer }>(
      'select totp_secret as sealed from app_user where id = $1 and totp_secret is not null for update',
      [userId],
    );
    if (row === undefined) return false;
    const secret = Buffer.from(await this.cipher.decrypt(row.sealed, bindingOf(userId), session), 'base64');
    const step = findTotpStep(secret, code, ms);
    if (step === undefined) return false;
    const used = await session.query(
      'update app_user set totp_last_step = $2 where id = $1 and totp_last_step < $2 returning id',
      [userId, step],
    );
    return used.length === 1;
  }

  /** Encrypts again, with the active key, every secret that an older key protects. @returns how many. */
  async reseal(): Promise<number> {
    return this.sql.transaction(async (session) => {
      const rows = await session.query<{ id: string; sealed: Buffer }>(
        'select id, totp_secret as sealed from app_user where totp_secret is not null order by id for update',
      );
      const outdated = rows.filter(({ sealed }) => this.cipher.isOutdated(sealed));
      for (const { id, sealed } of outdated) {
        const plain = await this.cipher.decrypt(sealed, bindingOf(id), session);
        const resealed = this.cipher.encrypt(plain, bindingOf(id));
        await session.query('update app_user set totp_secret = $2 where id = $1', [id, resealed]);
      }
      return outdated.length;
    });
  }
}

/** Bytes that were moved to another person do not open. */
function bindingOf(userId: string): string {
  return `app_user:${userId}:totp`;
}
