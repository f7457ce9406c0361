import type { NanoCredits } from '../../common/money.js';
import { postEntry } from '../../quota/post-entry.js';
import type { PlannedAccount } from '../plan/import-plan.js';
import { parts, uniqueName, type WriteContext, type WriteCount } from './write-context.js';

const ROWS_AT_ONCE = 1000;
const USER_NAME_CHARS_MAX = 128;
/** No password has this hash: it is none that can be read. */
const NO_PASSWORD = '!imported';

/** Accounts, and what came with them. */
export interface WrittenAccounts extends WriteCount {
  readonly granted: NanoCredits;
  readonly users: WriteCount;
}

/** Users to accounts with what is left of their quota, which is granted once however often the import is repeated. */
export async function writeAccounts(context: WriteContext): Promise<WrittenAccounts> {
  const { plan, origins } = context;
  const fresh = plan.accounts.filter(({ sourceId }) => origins.find('account', sourceId) === undefined);
  await insertAccounts(context, fresh);
  let granted = 0n;
  for (const account of fresh) granted += await grant(context, account);
  const usersMade = await insertUsers(context, fresh);
  const users = { made: usersMade, present: plan.accounts.filter(hasEmail).length - usersMade };
  return { made: fresh.length, present: plan.accounts.length - fresh.length, granted, users };
}

async function insertAccounts(context: WriteContext, accounts: readonly PlannedAccount[]): Promise<void> {
  const { session, label, origins, notes } = context;
  // Whoever makes or renames accounts takes turns, since names are what people find them by.
  await session.query(`select pg_advisory_xact_lock(hashtextextended('account name', 0))`);
  const rows = await session.query<{ name: string }>('select name from account');
  const taken = new Set(rows.map(({ name }) => name));
  for (const part of parts(accounts, ROWS_AT_ONCE)) {
    const named = part.map((account) => ({ account, name: uniqueName(account.name, label, taken) }));
    for (const { account, name } of named) {
      if (name !== account.name)
        notes.warn(`user ${account.sourceId} "${account.name}"`, `is the account "${name}" here`);
    }
    const made = await session.query<{ id: string; name: string }>(
      `insert into account (name, status, group_id)
       select a.name, a.status, a.group_id from unnest($1::text[], $2::text[], $3::bigint[]) as a (name, status, group_id)
       returning id, name`,
      [
        named.map(({ name }) => name),
        part.map(({ status }) => status),
        part.map(({ group }) => origins.find('group', group) ?? null),
      ],
    );
    const ids = new Map(made.map(({ id, name }) => [name, id]));
    for (const { account, name } of named) origins.add('account', account.sourceId, requireId(ids.get(name), name));
  }
}

async function grant({ session, label, origins }: WriteContext, account: PlannedAccount): Promise<NanoCredits> {
  if (account.grant === 0n) return 0n;
  const accountId = requireId(origins.find('account', account.sourceId), account.name);
  await postEntry(session, {
    kind: 'grant',
    accountId,
    amount: account.grant,
    ref: `import:${label}:user:${account.sourceId}`,
    actor: `import:${label}`,
    reason: `Quota of user ${account.sourceId} of ${label}`,
  });
  return account.grant;
}

/** People who may sign in once they have a password. An e-mail that somebody has here stays theirs. */
async function insertUsers(context: WriteContext, accounts: readonly PlannedAccount[]): Promise<number> {
  const { session, origins, notes } = context;
  let made = 0;
  for (const part of parts(accounts.filter(hasEmail), ROWS_AT_ONCE)) {
    const rows = await session.query<{ email: string }>(
      `insert into app_user (account_id, email, password_hash, role, name)
       select w.account_id, w.email, $4, 'member', w.name
         from unnest($1::bigint[], $2::text[], $3::text[]) as w (account_id, email, name)
       on conflict do nothing returning email`,
      [
        part.map(({ sourceId, name }) => requireId(origins.find('account', sourceId), name)),
        part.map(({ email }) => email ?? null),
        part.map(({ name }) => name.slice(0, USER_NAME_CHARS_MAX).toWellFormed()),
        NO_PASSWORD,
      ],
    );
    const written = new Set(rows.map(({ email }) => email));
    for (const { sourceId, name, email } of part) {
      if (email !== undefined && !written.has(email)) {
        notes.warn(
          `user ${sourceId} "${name}"`,
          'has an e-mail address that somebody has here; nobody signs in for it',
        );
      }
    }
    made += rows.length;
  }
  return made;
}

function hasEmail({ email }: PlannedAccount): boolean {
  return email !== undefined;
}

function requireId(id: string | undefined, name: string): string {
  if (id === undefined) throw new Error(`The account "${name}" was not stored`);
  return id;
}
