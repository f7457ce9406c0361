import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../database/sql.js';
import { type AttemptThrottle, AttemptThrottles } from '../limits/attempt-throttle.js';
import { normalizeIp } from '../limits/nest-throttler.js';

const WINDOW_MS = 15 * 60_000;
/** Failures of one address at one e-mail. */
export const FAILURES_HERE_MAX = 5;
/** Failures at one e-mail, from everywhere. */
export const FAILURES_EVERYWHERE_MAX = 50;
/** An address from which a person has signed in is theirs for so long. */
const KNOWN_DAYS = 30;
const KNOWN_SESSIONS_MAX = 200;
/** A password that was generated for somebody cannot be guessed, and whoever was given it must be able to use it. */
const GENERATED_HOURS = 1;

/** Whose password or code is tried. */
export interface Attempted {
  /** Undefined when nobody has this e-mail. */
  readonly userId: string | undefined;
  readonly email: string;
}

/** Slows guessing of passwords and codes, in a way that cannot lock a person out for ever. */
@Injectable()
export class SignInThrottle {
  private readonly here: AttemptThrottle;
  private readonly everywhere: AttemptThrottle;
  /** The last attempt of each address at each person that is under way. */
  private readonly attempts = new Map<string, Promise<unknown>>();

  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(AttemptThrottles) throttles: AttemptThrottles,
  ) {
    this.here = throttles.for('signIn', { limit: FAILURES_HERE_MAX, windowMs: WINDOW_MS });
    this.everywhere = throttles.for('signInEverywhere', { limit: FAILURES_EVERYWHERE_MAX, windowMs: WINDOW_MS });
  }

  /**
   * Makes an attempt. Those of one address at one person go one after the other, so that guesses sent all at once cannot pass
   * before the first of them is counted; their number is bounded by the limit of the address.
   *
   * @param work undefined means that it failed, which counts.
   * @throws HubError 429 `too_many_attempts` instead of trying.
   */
  attempt<Result>(
    who: Attempted,
    address: string,
    work: () => Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    // E-mails differ in case; and what the database takes for the same person is the same person here.
    const person = who.userId === undefined ? `email:${who.email.toLowerCase()}` : `user:${who.userId}`;
    const key = `${normalizeIp(address)}:${person}`;
    const before = this.attempts.get(key) ?? Promise.resolve();
    const attempt = before
      .catch(() => undefined)
      .then(async () => {
        await this.here.check([key]);
        if (await this.everywhere.isBlocked(person)) await this.checkEverywhere(who.userId, address, person);
        const result = await work();
        if (result === undefined) await Promise.all([this.here.note([key]), this.everywhere.note([person])]);
        return result;
      });
    this.attempts.set(key, attempt);
    return attempt.finally(() => {
      if (this.attempts.get(key) === attempt) this.attempts.delete(key);
    });
  }

  private async checkEverywhere(userId: string | undefined, address: string, person: string): Promise<void> {
    if (userId !== undefined && ((await this.isKnown(userId, address)) || (await this.isGenerated(userId)))) return;
    await this.everywhere.check([person]);
  }

  /** Whether this person has signed in from this address (IPv6: its /64) lately. */
  private async isKnown(userId: string, address: string): Promise<boolean> {
    const rows = await this.sql.query<{ address: string }>(
      `select address from user_session where user_id = $1 and created_at > now() - make_interval(days => ${KNOWN_DAYS})
        order by id desc limit ${KNOWN_SESSIONS_MAX}`,
      [userId],
    );
    const wanted = normalizeIp(address);
    return rows.some((row) => normalizeIp(row.address) === wanted);
  }

  /** Whether the password is one that was generated a short while ago. */
  private async isGenerated(userId: string): Promise<boolean> {
    const rows = await this.sql.query(
      `select 1 from audit_log l join app_user u on u.id = $1
        where l.subject_kind = 'user' and l.subject_id = $2 and l.action in ('user.create', 'user.resetPassword')
          and l.created_at > now() - make_interval(hours => ${GENERATED_HOURS})
          and l.created_at >= date_trunc('milliseconds', u.password_changed_at) limit 1`,
      [userId, userId],
    );
    return rows.length > 0;
  }
}
