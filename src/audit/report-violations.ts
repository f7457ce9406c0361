import { createHash } from 'node:crypto';
import type { NewAlert } from '../alerts/alert.js';
import { insertAlert } from '../alerts/insert-alert.js';
import type { Sql, SqlSession } from '../database/sql.js';
import type { AuditResult } from './audit.js';
import { INVARIANTS } from './invariants.js';

/** Accounts that an alert names; more are counted. */
const NAMED_MAX = 20;

/**
 * What a violation leads to: its accounts are frozen, where money is concerned, and the operator is alerted, both in one
 * transaction. Nothing is ever repaired or unfrozen here. The same finding is alerted once a day.
 *
 * @returns the accounts that were frozen now; tell everybody who remembers them.
 */
export async function reportViolations(sql: Sql, results: readonly AuditResult[]): Promise<string[]> {
  const frozen = new Set<string>();
  for (const result of results) {
    if (result.badRows === 0) continue;
    const now = await sql.transaction(async (session) => {
      const accounts = isAboutMoney(result) ? await freeze(session, result.accounts) : [];
      await insertAlert(session, toAlert(result, accounts));
      return accounts;
    });
    for (const id of now) frozen.add(id);
  }
  return [...frozen];
}

function isAboutMoney({ id }: AuditResult): boolean {
  return INVARIANTS.find((invariant) => invariant.id === id)?.response === 'freeze';
}

/** Locks in ascending order, as the ledger does, so that the two cannot wait for each other in a circle. */
async function freeze(session: SqlSession, accounts: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `with active as (
       select id from account where id = any ($1::bigint[]) and kind = 'customer' and status = 'active' order by id for no key update)
     update account a set status = 'frozen' from active where a.id = active.id returning a.id`,
    [accounts],
  );
  return rows.map(({ id }) => id);
}

function toAlert(result: AuditResult, frozen: readonly string[]): NewAlert {
  const { id, title, badRows, accounts, samples } = result;
  const [account, ...others] = accounts;
  const day = new Date().toISOString().slice(0, 10);
  const rows = badRows === 1 ? '1 row breaks it' : `${badRows} rows break it`;
  const names = `${frozen.slice(0, NAMED_MAX).join(', ')}${frozen.length > NAMED_MAX ? ', …' : ''}`;
  const consequence =
    frozen.length === 0
      ? ''
      : ` Frozen now: ${frozen.length === 1 ? 'account' : `${frozen.length} accounts,`} ${names}.`;
  return {
    kind: 'books_violation',
    severity: 'critical',
    subject: account !== undefined && others.length === 0 ? `account:${account}` : 'books',
    message: `Invariant ${id} does not hold (${title}): ${rows}.${consequence}`,
    details: {
      invariant: id,
      badRows,
      accountIds: accounts.slice(0, NAMED_MAX),
      accounts: accounts.length,
      frozenAccountIds: frozen.slice(0, NAMED_MAX),
      samples: samples.slice(0, NAMED_MAX).map(({ subject, detail }) => `${subject}: ${detail}`),
    },
    dedupeKey: `books_violation:${id}:${day}:${digestOf(accounts)}`,
  };
}

/** Another account is another finding, even on the same day. */
function digestOf(accounts: readonly string[]): string {
  return createHash('sha256').update(accounts.join()).digest('hex').slice(0, 16);
}
