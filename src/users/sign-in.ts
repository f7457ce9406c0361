import { Inject, Injectable } from '@nestjs/common';
import { appendAuditRow } from '../audit-log/append-audit-row.js';
import type { AuditActor, AuditChange } from '../audit-log/audit-row.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../database/sql.js';
import { Keyring } from '../secrets/keyring.js';
import type { Actor } from './actor.js';
import { PASSWORD_CHARS_MAX } from './check-password.js';
import { maskEmail } from './email.js';
import { isOutdatedHash } from './password.js';
import { PasswordWork } from './password-work.js';
import type { Role } from './permission.js';
import { SecondFactor } from './second-factor.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { type NewSession, type SessionOrigin, startSession } from './start-session.js';
import { invalidCredentials } from './users.errors.js';

/** What somebody types to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the second factor; ignored for people who have none. */
  readonly code?: string | undefined;
}

/** Where a sign-in comes from. */
export interface SignInOrigin extends SessionOrigin {
  readonly requestId: string;
}

/** Somebody has signed in. */
export interface SignedInPerson {
  readonly session: NewSession;
  readonly actor: Actor;
}

/** The password is right, and a code is needed besides. */
export const SECOND_FACTOR_NEEDED = 'second-factor-needed';

interface Person {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly account_id: string | null;
  readonly password_hash: string;
  readonly is_disabled: boolean;
  readonly has_second_factor: boolean;
}

const COLUMNS = `id, email, role, account_id, password_hash, disabled_at is not null as is_disabled,
  totp_confirmed_at is not null as has_second_factor`;
/** Longer than any e-mail: what is counted and logged is bounded. */
const EMAIL_CHARS_MAX = 320;

/** Signs people in. */
@Injectable()
export class SignIn {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(PasswordWork) private readonly passwords: PasswordWork,
    @Inject(SecondFactor) private readonly secondFactor: SecondFactor,
    @Inject(SignInThrottle) private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Begins a session. Unknown e-mails, wrong passwords and disabled people take the same work and get the same answer.
   *
   * @throws HubError 401 `invalid_credentials`; 429 `too_many_attempts` after too many failures, 429 `sign_in_busy` when too many
   * sign in at once.
   */
  async signIn(typed: Credentials, origin: SignInOrigin): Promise<SignedInPerson | typeof SECOND_FACTOR_NEEDED> {
    // What the database cannot even take is nobody's e-mail, and no password is as long as that.
    const email = typed.email.trim().slice(0, EMAIL_CHARS_MAX).replaceAll('\0', '\uFFFD').toWellFormed();
    const password = typed.password.slice(0, PASSWORD_CHARS_MAX + 1);
    const [person] = await this.sql.query<Person>(`select ${COLUMNS} from app_user where lower(email) = lower($1)`, [
      email,
    ]);
    const outcome = await this.throttle.attempt({ userId: person?.id, email }, origin.address, async () => {
      const isRight = await this.passwords.verify(password, person?.password_hash);
      if (person === undefined) return this.refuse(email, undefined, 'unknown', origin);
      if (!isRight) return this.refuse(email, person, 'password', origin);
      if (person.is_disabled) return this.refuse(email, person, 'disabled', origin);
      const code = typed.code?.trim() ?? '';
      if (person.has_second_factor && code === '') return SECOND_FACTOR_NEEDED;
      const fresh = isOutdatedHash(person.password_hash) ? await this.passwords.hash(password) : undefined;
      const begun = await this.sql.transaction((session) => this.begin(session, person, code, origin, fresh));
      return begun ?? this.refuse(email, person, 'code', origin);
    });
    if (outcome === undefined) throw invalidCredentials();
    return outcome;
  }

  /** @returns undefined when the code is wrong, or the person is not any more who was found. */
  private async begin(
    session: SqlSession,
    person: Person,
    code: string,
    origin: SignInOrigin,
    freshHash: string | undefined,
  ): Promise<SignedInPerson | undefined> {
    // Somebody may have changed the password or disabled the person while this one was being checked.
    const [row] = await session.query<Person>(
      `select ${COLUMNS} from app_user where id = $1 and password_hash = $2 and disabled_at is null for update`,
      [person.id, person.password_hash],
    );
    if (row === undefined) return undefined;
    const factor = row.has_second_factor ? await this.secondFactor.use(session, row.id, code) : null;
    if (factor === undefined) return undefined;
    if (freshHash !== undefined) {
      await session.query('update app_user set password_hash = $2 where id = $1', [row.id, freshHash]);
    }
    const begun = await startSession(session, this.keyring, row.id, origin);
    const { id: userId, email, role, account_id: accountId } = row;
    const actor: Actor = { kind: 'session', id: begun.id, userId, email, role, accountId, permissions: null };
    await this.note(session, { kind: 'session', userId, name: email }, origin, {
      action: 'signIn.succeeded',
      kind: 'user',
      id: userId,
      accountId,
      after: { session: begun.id, secondFactor: factor, expiresAt: begun.expiresAt },
    });
    return { session: begun, actor };
  }

  private async refuse(
    email: string,
    person: Person | undefined,
    why: string,
    origin: SignInOrigin,
  ): Promise<undefined> {
    await this.sql.transaction((session) =>
      this.note(session, { kind: 'nobody', userId: null, name: '' }, origin, {
        action: 'signIn.failed',
        kind: 'user',
        id: person?.id ?? 'unknown',
        accountId: person?.account_id ?? null,
        after: { email: maskEmail(email), wrong: why },
      }),
    );
    return undefined;
  }

  private note(
    session: SqlSession,
    who: Pick<AuditActor, 'kind' | 'userId' | 'name'>,
    { address, requestId }: SignInOrigin,
    change: AuditChange,
  ): Promise<void> {
    return appendAuditRow(session, this.keyring, { ...who, address, requestId }, change);
  }
}
