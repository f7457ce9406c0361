import { Injectable } from '@nestjs/common';
import { hashPassword, NOBODYS_HASH, verifyPassword } from './password.js';
import { signInBusy } from './users.errors.js';

/** A hash takes a thread of the pool, which files and name look-ups need as well (four by default), and 19 MiB. */
const AT_ONCE_MAX = 2;
/** Each takes some tens of milliseconds, so the last one waits less than a second. */
const WAITING_MAX = 32;

/** Hashes passwords, a few at a time, so that many who sign in at once do not hold up the relay. */
@Injectable()
export class PasswordWork {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * Checks a password. Without a hash (nobody has this e-mail) it takes as long and is false.
   * @throws HubError 429 `sign_in_busy` when too many are waiting.
   */
  verify(password: string, hash: string | undefined): Promise<boolean> {
    // A text that is no hash, of a person who cannot sign in, must not answer faster either.
    const isHash = hash?.startsWith('$argon2id$') === true;
    return this.inTurn(() => verifyPassword(password, isHash ? hash : NOBODYS_HASH));
  }

  /**
   * Makes the hash of a new password.
   * @throws HubError 429 `sign_in_busy` when too many are waiting.
   */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hashPassword(password));
  }

  private async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running >= AT_ONCE_MAX) {
      if (this.waiting.length >= WAITING_MAX) throw signInBusy();
      // The one that ends hands its place on, so the count stays as it is.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
