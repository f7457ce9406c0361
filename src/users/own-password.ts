import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../database/sql.js';
import type { Actor } from './actor.js';
import { PASSWORD_CHARS_MAX } from './check-password.js';
import { PasswordWork } from './password-work.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { wrongOwnPassword } from './users.errors.js';

/** What somebody who has signed in proves once more before they change how they sign in. */
@Injectable()
export class OwnPassword {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(PasswordWork) private readonly passwords: PasswordWork,
    @Inject(SignInThrottle) private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Does something that needs the own password. Failures count as those of signing in do: a session that was left open must not be
   * a way to guess the password.
   *
   * @param param names the field with the password.
   * @param work is given the hash of the password; undefined means that something else that it checks, such as a code, is wrong.
   * @throws HubError 400 `wrong_password`; 429 `too_many_attempts`, `sign_in_busy`.
   */
  async prove<Result>(
    { userId, email }: Pick<Actor, 'userId' | 'email'>,
    address: string,
    { password, param }: { readonly password: string; readonly param: string },
    work: (hash: string) => Promise<Result | undefined>,
  ): Promise<Result> {
    const result = await this.throttle.attempt({ userId, email }, address, async () => {
      const [row] = await this.sql.query<{ hash: string }>(
        'select password_hash as hash from app_user where id = $1 and disabled_at is null',
        [userId],
      );
      const isRight = await this.passwords.verify(password.slice(0, PASSWORD_CHARS_MAX + 1), row?.hash);
      return isRight && row !== undefined ? await work(row.hash) : undefined;
    });
    if (result === undefined) throw wrongOwnPassword(param);
    return result;
  }
}
