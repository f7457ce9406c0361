import type { SqlSession } from '../database/sql.js';
import type { Limits } from '../limits/limit-subject.js';

/** An account to be made. */
export interface NewAccount {
  /** See {@link isAccountName}. */
  readonly name: string;
  /** Row id of its group. */
  readonly groupId: string;
  readonly limits?: Limits;
}

/** Whether an account may have this name: one that is a number would look like an id to commands. */
export function isAccountName(name: string): boolean {
  return !/^\d+$/.test(name);
}

/**
 * Makes a customer's account without quota; part of the caller's transaction.
 * @returns its id; undefined when another account has the name.
 */
export async function createAccount(session: SqlSession, wanted: NewAccount): Promise<string | undefined> {
  const { name, groupId, limits = {} } = wanted;
  if (await isAccountNameTaken(session, name)) return undefined;
  const [row] = await session.query<{ id: string }>(
    `insert into account (name, group_id, rpm_limit, tpm_limit, concurrency_limit) values ($1, $2, $3, $4, $5) returning id`,
    [name, groupId, limits.rpm ?? null, limits.tpm ?? null, limits.concurrency ?? null],
  );
  if (row === undefined) throw new Error('The account was not stored');
  return row.id;
}

/**
 * Whether another account has this name already: names are what people find accounts by. Until the end of the transaction nobody
 * else who asks gets an answer, so that of two who want one name at the same moment one gets it.
 *
 * @param ownId of an account that may keep its name.
 */
export async function isAccountNameTaken(session: SqlSession, name: string, ownId?: string): Promise<boolean> {
  await session.query(`select pg_advisory_xact_lock(hashtextextended('account name', 0))`);
  const rows = await session.query(`select 1 from account where name = $1 and id <> coalesce($2::bigint, 0) limit 1`, [
    name,
    ownId ?? null,
  ]);
  return rows.length > 0;
}
