import { invalidRequest } from '../common/hub-error.js';
import { isUniqueViolation } from '../database/database-error.js';
import type { SqlSession } from '../database/sql.js';
import { createUser } from './create-user.js';
import { findPerson, type Person } from './people.js';
import type { Role } from './permission.js';
import { endSessionsOf } from './sessions.js';
import { emailTaken } from './users.errors.js';

const NAME_CHARS_MAX = 128;

/** Somebody who shall be able to sign in. */
export interface WantedPerson {
  /** As {@link readEmail} gave it. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly accountId: string | null;
  /** PHC string. */
  readonly passwordHash: string;
}

/** What an update sets; what is undefined stays. */
export interface PersonChanges {
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly accountId?: string | null | undefined;
}

/** @throws HubError 400 naming `input.name`. */
export function readName(typed: string): string {
  const name = typed.trim();
  if (name.length > NAME_CHARS_MAX || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw invalidRequest(`A name has at most ${NAME_CHARS_MAX} characters, all of them printable.`, 'input.name');
  }
  return name;
}

/**
 * Stores a person.
 * @throws HubError 409 `email_taken`; 400 naming `input.accountId`.
 */
export async function addPerson(session: SqlSession, wanted: WantedPerson): Promise<Person> {
  await checkAccount(session, wanted.role, wanted.accountId);
  const id = await createUser(session, { ...wanted, accountId: wanted.accountId ?? undefined }).catch(
    (error: unknown) => {
      throw isUniqueViolation(error, 'app_user_email_idx') ? emailTaken(wanted.email) : error;
    },
  );
  await session.query('update app_user set name = $2 where id = $1', [id, wanted.name]);
  return found(session, id);
}

/**
 * Changes a person who is locked.
 * @throws HubError 400 naming `input.accountId`.
 */
export async function changePerson(session: SqlSession, before: Person, changes: PersonChanges): Promise<Person> {
  const role = changes.role ?? before.role;
  const accountId = changes.accountId === undefined ? before.accountId : changes.accountId;
  if (role !== before.role || accountId !== before.accountId) await checkAccount(session, role, accountId);
  await session.query(
    `update app_user set name = $2, role = $3, account_id = $4, version = version + 1, updated_at = now() where id = $1`,
    [before.id, changes.name ?? before.name, role, accountId],
  );
  return found(session, before.id);
}

/** Stops a person from signing in, and ends their sessions. Admin tokens count no more while the person is disabled. */
export async function disablePerson(session: SqlSession, id: string): Promise<Person> {
  await session.query(
    `update app_user set disabled_at = coalesce(disabled_at, now()), version = version + 1, updated_at = now() where id = $1`,
    [id],
  );
  await endSessionsOf(session, id);
  return found(session, id);
}

/** Lets a person sign in again. */
export async function enablePerson(session: SqlSession, id: string): Promise<Person> {
  await session.query(
    'update app_user set disabled_at = null, version = version + 1, updated_at = now() where id = $1',
    [id],
  );
  return found(session, id);
}

/**
 * Locks the owners who can sign in, so that two at once cannot each take the other's role away.
 *
 * Call it before any other lock of a person in the transaction: it takes several, in the order of their ids.
 *
 * @returns whether somebody else than this person could still act as owner.
 */
export async function isOtherOwnerLeft(session: SqlSession, id: string): Promise<boolean> {
  const owners = await session.query<{ id: string }>(
    `select id from app_user where role = 'owner' and disabled_at is null order by id for update`,
  );
  return owners.some((owner) => owner.id !== id);
}

async function checkAccount(session: SqlSession, role: Role, accountId: string | null): Promise<void> {
  if (accountId === null) {
    if (role !== 'member') return;
    throw invalidRequest('A member belongs to an account. Say which.', 'input.accountId', 'account_needed');
  }
  const [account] = await session.query(`select id from account where id = $1 and kind = 'customer'`, [accountId]);
  if (account === undefined) {
    throw invalidRequest(`There is no account ${accountId}.`, 'input.accountId', 'account_not_found');
  }
}

async function found(session: SqlSession, id: string): Promise<Person> {
  const person = await findPerson(session, id);
  if (person === undefined) throw new Error(`The person ${id} is gone`);
  return person;
}
