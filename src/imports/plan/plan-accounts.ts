import type { NanoCredits } from '../../common/money.js';
import type { SourceData } from '../source/read-source.js';
import type { TextRow } from '../source/source-tables.js';
import type { PlannedAccount } from './import-plan.js';
import type { Notes } from './notes.js';
import type { QuotaRate } from './quota-rate.js';
import { isDeleted, plainText, subjectOf, textOf, wholeOf } from './row-values.js';

const ENABLED = 1n;
/** one-api keeps users who left. */
const DELETED = 3n;
/** Administrators have 10, the first of them 100. */
const ROLE_ADMIN = 10n;
const NAME_CHARS_MAX = 200;
const EMAIL = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,189}$/u;

/** Accounts, and what is only told. */
export interface PlannedAccounts {
  readonly accounts: readonly PlannedAccount[];
  readonly usedBefore: NanoCredits;
}

/** Users to accounts. Those who are deleted stay behind. */
export function planAccounts(data: SourceData, rate: QuotaRate, notes: Notes): PlannedAccounts {
  const accounts: PlannedAccount[] = [];
  const emails = new Set<string>();
  const ids = new Set<string>();
  let used = 0n;
  for (const row of data.users) {
    const subject = subjectOf('user', row, 'username');
    const sourceId = textOf(row, 'id');
    if (!/^\d{1,18}$/.test(sourceId) || ids.has(sourceId)) {
      notes.skip('users without an id of their own');
      notes.warn(subject, 'has no id of its own; it was left out');
      continue;
    }
    ids.add(sourceId);
    if (isDeleted(row) || wholeOf(row, 'status', ENABLED) === DELETED) {
      noteDeleted(row, subject, notes);
      continue;
    }
    const usedQuota = wholeOf(row, 'used_quota', 0n) ?? 0n;
    used += usedQuota > 0n ? usedQuota : 0n;
    accounts.push({
      sourceId,
      name: toName(row, sourceId, data.product),
      group: plainText(textOf(row, 'group'), 64) || 'default',
      status: wholeOf(row, 'status', ENABLED) === ENABLED ? 'active' : 'frozen',
      grant: rate.toAmount(wholeOf(row, 'quota', 0n), 'the quota', notes, subject),
      email: toEmail(row, emails, notes, subject),
    });
    if ((wholeOf(row, 'role', 1n) ?? 1n) >= ROLE_ADMIN) {
      notes.warn(subject, 'is an administrator there, and an ordinary customer here');
    }
  }
  return { accounts, usedBefore: rate.toNano(used) };
}

function noteDeleted(row: TextRow, subject: string, notes: Notes): void {
  notes.skip('users who are deleted');
  const quota = wholeOf(row, 'quota', 0n) ?? 0n;
  if (quota > 0n) notes.warn(subject, `is deleted there and has a quota of ${quota} left, which was not taken over`);
}

/** Names of digits alone would look like ids to the operator's commands. */
function toName(row: TextRow, sourceId: string, product: string): string {
  const name = plainText(textOf(row, 'username'), NAME_CHARS_MAX);
  if (name === '') return `${product}-user-${sourceId}`;
  return /^\d+$/.test(name) ? `${product}-${name}` : name;
}

function toEmail(row: TextRow, emails: Set<string>, notes: Notes, subject: string): string | undefined {
  const email = textOf(row, 'email').trim().toLowerCase();
  if (email === '') return undefined;
  if (!EMAIL.test(email) || !email.isWellFormed()) {
    notes.warn(subject, 'has an e-mail address that is none; nobody can sign in for it yet');
    return undefined;
  }
  if (emails.has(email)) {
    notes.warn(subject, 'has the e-mail address of a user before it; nobody can sign in for it yet');
    return undefined;
  }
  emails.add(email);
  return email;
}
