import type { SqlSession } from '../database/sql.js';
import type { Role } from './permission.js';

/** Somebody who may sign in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  /** In small letters, as people are sorted. */
  readonly emailKey: string;
  readonly name: string;
  readonly role: Role;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly disabledAt: Date | null;
  readonly hasSecondFactor: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly passwordChangedAt: Date;
  /** Of the last month. */
  readonly lastSignInAt: Date | null;
}

/** Which people are wanted; null or absent: whoever. */
export interface PeopleFilter {
  readonly role?: Role | null | undefined;
  /** A part of the e-mail or name, whatever its case. */
  readonly search?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly isDisabled?: boolean | null | undefined;
}

/** In which order: the newest first, or by e-mail. */
export type PeopleOrder = 'newest' | 'email';

const COLUMNS = `u.id, u.email, lower(u.email) as "emailKey", u.name, u.role, u.account_id as "accountId", a.name as "accountName",
  u.disabled_at as "disabledAt", u.totp_confirmed_at is not null as "hasSecondFactor", u.version,
  u.created_at as "createdAt", u.password_changed_at as "passwordChangedAt",
  (select max(s.created_at) from user_session s where s.user_id = u.id) as "lastSignInAt"`;
const FROM = `from app_user u left join account a on a.id = u.account_id`;

/** What a page of {@link listPeople} is read with. */
export interface PeoplePage {
  readonly order: PeopleOrder;
  /** Of the last row before: its id, or its e-mail in small letters and its id. */
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}

/** One page of the people. */
export function listPeople(session: SqlSession, filter: PeopleFilter, page: PeoplePage): Promise<Person[]> {
  const { order, after, limit } = page;
  const id = after?.at(-1) ?? null;
  const email = order === 'email' ? (after?.[0] ?? null) : null;
  const beyond =
    order === 'newest'
      ? '($5::bigint is null or u.id < $5) and $6::text is null'
      : '($5::bigint is null or (lower(u.email), u.id) > ($6::text, $5::bigint))';
  return session.query<Person>(
    `select ${COLUMNS} ${FROM}
      where ($1::text is null or u.role = $1)
        and ($2::text is null or position(lower($2) in lower(u.email)) > 0 or position(lower($2) in lower(u.name)) > 0)
        and ($3::bigint is null or u.account_id = $3) and ($4::boolean is null or (u.disabled_at is not null) = $4)
        and ${beyond}
      order by ${order === 'newest' ? 'u.id desc' : 'lower(u.email), u.id'} limit $7`,
    [filter.role ?? null, filter.search ?? null, filter.accountId ?? null, filter.isDisabled ?? null, id, email, limit],
  );
}

/** A person by id. */
export async function findPerson(session: SqlSession, id: string): Promise<Person | undefined> {
  const [row] = await session.query<Person>(`select ${COLUMNS} ${FROM} where u.id = $1`, [id]);
  return row;
}

/** The same, locked until the end of the transaction. */
export async function lockPerson(session: SqlSession, id: string): Promise<Person | undefined> {
  await session.query('select id from app_user where id = $1 for update', [id]);
  return findPerson(session, id);
}
