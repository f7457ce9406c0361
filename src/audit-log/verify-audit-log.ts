import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import { AUDIT_KEY_LABEL, type AuditRow, FIRST_HASH, hashAuditRow } from './audit-row.js';

const BATCH = 1000;

interface StoredRow extends AuditRow {
  readonly hash: Buffer;
}

/** An end of the chain: what a later check may be given. */
export interface AuditMark {
  readonly seq: string;
  /** Hex. */
  readonly hash: string;
}

/** What a check of the audit log found. */
export interface AuditVerdict {
  readonly rows: number;
  readonly end: AuditMark;
  /** What is wrong, first to last; empty when the log is whole. */
  readonly problems: readonly string[];
}

/**
 * Reads the whole chain and compares every hash. Finds rows that were changed, removed or put in, a log that was cut short, and,
 * with an end that was noted before, one that was written anew.
 *
 * @param session should see one moment (`Sql.snapshot`): rows that are added meanwhile would look like too many.
 * @param expected an end that an earlier check printed.
 */
export async function verifyAuditLog(
  session: SqlSession,
  keyring: Pick<Keyring, 'deriveKey'>,
  expected?: AuditMark,
): Promise<AuditVerdict> {
  const key = keyring.deriveKey(AUDIT_KEY_LABEL);
  const problems: string[] = [];
  let end: AuditMark = { seq: '0', hash: FIRST_HASH.toString('hex') };
  let rows = 0;
  const [head] = await session.query<{ seq: string; hash: Buffer }>('select seq, hash from audit_head where id = 1');
  for (;;) {
    const batch = await readRows(session, end.seq);
    for (const row of batch) {
      const next = String(BigInt(end.seq) + 1n);
      if (row.seq !== next) problems.push(`Row ${next} is missing: row ${row.seq} follows row ${end.seq}.`);
      const hash = hashAuditRow(key, Buffer.from(end.hash, 'hex'), row);
      if (!hash.equals(row.hash))
        problems.push(`Row ${row.seq} does not fit its hash: it or the row before was changed.`);
      // From the hash that is stored, so that one changed row is one problem.
      end = { seq: row.seq, hash: row.hash.toString('hex') };
      rows++;
      if (expected?.seq === row.seq && expected.hash !== end.hash) {
        problems.push(`Row ${row.seq} is not the one that was there when its hash was noted.`);
      }
    }
    if (batch.length < BATCH) break;
  }
  const stored = head && { seq: head.seq, hash: head.hash.toString('hex') };
  if (stored?.seq !== end.seq || stored.hash !== end.hash) {
    problems.push(`The log ends with row ${end.seq}, but row ${stored?.seq ?? '?'} was the last that was written.`);
  }
  if (expected !== undefined && BigInt(expected.seq) > BigInt(end.seq)) {
    problems.push(`Row ${expected.seq}, which was there before, is missing.`);
  }
  return { rows, end, problems };
}

function readRows(session: SqlSession, after: string): Promise<StoredRow[]> {
  return session.query<StoredRow>(
    `select seq, created_at as "createdAt", actor_kind as "actorKind", actor_user_id as "actorUserId", actor, address,
            request_id as "requestId", action, subject_kind as "subjectKind", subject_id as "subjectId",
            account_id as "accountId", reason, before, after, hash
       from audit_log where seq > $1 order by seq limit ${BATCH}`,
    [after],
  );
}
