import { NANO_PER_QUOTA_UNIT } from '../common/money.js';
import type { Settings } from '../config/settings.js';
import type { Sql, SqlSession } from '../database/sql.js';
import { createApiKey } from '../keys/create-api-key.js';
import { postEntry } from '../quota/post-entry.js';
import type { Keyring } from '../secrets/keyring.js';
import { createUser } from '../users/create-user.js';
import { generatePassword, hashPassword } from '../users/password.js';

/** The e-mail of the administrator when HUB_ADMIN_EMAIL says nothing else. */
export const ADMIN_EMAIL_DEFAULT = 'admin@localhost';

/** What the first start made. A secret that the environment supplied is not repeated here. */
export interface FirstStart {
  readonly adminEmail: string;
  /** Undefined when HUB_ADMIN_PASSWORD gave it. */
  readonly generatedPassword?: string;
  /** Undefined when HUB_API_KEY gave it. */
  readonly generatedApiKey?: string;
  readonly quotaUnits: bigint;
}

/**
 * On an empty database, makes the administrator, an account with quota and a key of it. Of several instances that start
 * together exactly one does it.
 *
 * @returns undefined when it had been done before.
 */
export async function firstStart(
  sql: Sql,
  keyring: Keyring,
  settings: Settings['bootstrap'],
): Promise<FirstStart | undefined> {
  if (await isBootstrapped(sql)) return undefined;
  const password = settings.adminPassword ?? generatePassword();
  // Outside the transaction: hashing takes a while, and the embedded database would stand still meanwhile.
  const passwordHash = await hashPassword(password);
  const adminEmail = settings.adminEmail ?? ADMIN_EMAIL_DEFAULT;
  return sql.transaction(async (session) => {
    const claimed = await session.query(
      `update hub_state set bootstrapped_at = now() where id = 1 and bootstrapped_at is null returning id`,
    );
    if (claimed.length === 0) return undefined;
    const accountId = await createAccount(session, 'default');
    await grantInitialQuota(session, accountId, settings.initialQuotaUnits);
    await createUser(session, { accountId, email: adminEmail, passwordHash, role: 'owner' });
    const { key } = await createApiKey(session, keyring, { accountId, name: 'default', key: settings.apiKey });
    return {
      adminEmail,
      generatedPassword: settings.adminPassword === undefined ? password : undefined,
      generatedApiKey: settings.apiKey === undefined ? key : undefined,
      quotaUnits: settings.initialQuotaUnits,
    };
  });
}

async function isBootstrapped(session: SqlSession): Promise<boolean> {
  return (await session.query(`select id from hub_state where bootstrapped_at is not null`)).length > 0;
}

async function createAccount(session: SqlSession, name: string): Promise<string> {
  const [row] = await session.query<{ id: string }>(`insert into account (name) values ($1) returning id`, [name]);
  if (row === undefined) throw new Error('The account was not stored');
  return row.id;
}

async function grantInitialQuota(session: SqlSession, accountId: string, units: bigint): Promise<void> {
  if (units === 0n) return;
  await postEntry(session, {
    kind: 'grant',
    accountId,
    amount: units * NANO_PER_QUOTA_UNIT,
    actor: 'bootstrap',
    reason: 'Initial quota (HUB_INITIAL_QUOTA)',
    ref: `bootstrap:${accountId}`,
  });
}
