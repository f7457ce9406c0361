import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import { AUDIT_KEY_LABEL, type AuditRow, FIRST_HASH, hashAuditRow } from './audit-row.js';

const BATCH = 1000;
/** Of a log that was written anew every row is one. */
const PROBLEMS_MAX = 100;

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
  /** What is wrong, first to last, at most a hundred; empty when the log is whole. */
  readonly problems: readonly string[];
}

/**
 * Reads the whole chain and compares every hash. Finds rows that were changed, removed or put in, a log that was cut short, and,
 * with an end that was noted before, one that was written anew.
 *
 * @param session need not see one moment: rows that are added meanwhile are read as well.
 * @param expected an end that an earlier check printed.
 */
export async function verifyAuditLog(
  session: SqlSession,
  keyring: Pick<Keyring, 'deriveKey'>,
  expected?: AuditMark,
): Promise<AuditVerdict> {
  const chain = new ChainReader(keyring.deriveKey(AUDIT_KEY_LABEL), expected);
  let head: AuditMark | undefined;
  for (;;) {
    const batch = await readRows(session, chain.end.seq);
    for (const row of batch) chain.read(row);
    if (batch.length === BATCH) continue;
    // Read after the rows: what was written in between is read next. When nothing came, the head is wrong.
    if (batch.length === 0 && head !== undefined) break;
    head = await readHead(session);
    if (head === undefined || BigInt(head.seq) <= BigInt(chain.end.seq)) break;
  }
  chain.finish(head);
  return { rows: chain.rows, end: chain.end, problems: chain.problems };
}

/** Reads the rows one after the other and notes what is wrong with them. */
class ChainReader {
  readonly problems: string[] = [];
  end: AuditMark = { seq: '0', hash: FIRST_HASH.toString('hex') };
  rows = 0;

  constructor(
    private readonly key: Buffer,
    private readonly expected: AuditMark | undefined,
  ) {}

  read(row: StoredRow): void {
    const next = String(BigInt(this.end.seq) + 1n);
    if (row.seq !== next) this.report(`Row ${next} is missing: row ${row.seq} follows row ${this.end.seq}.`);
    const hash = hashAuditRow(this.key, Buffer.from(this.end.hash, 'hex'), row);
    if (!hash.equals(row.hash)) {
      this.report(`Row ${row.seq} does not fit its hash: it or the row before was changed.`);
    }
    // From the hash that is stored, so that one changed row is one problem.
    this.end = { seq: row.seq, hash: row.hash.toString('hex') };
    this.rows++;
    if (this.expected?.seq === row.seq && this.expected.hash !== this.end.hash) {
      this.report(`Row ${row.seq} is not the one that was there when its hash was noted.`);
    }
  }

  /** @param head what the last writer noted as the end. */
  finish(head: AuditMark | undefined): void {
    if (head?.seq !== this.end.seq || head.hash !== this.end.hash) {
      this.report(
        `The log ends with row ${this.end.seq}, but row ${head?.seq ?? '?'} was the last that was written, or it had another hash.`,
      );
    }
    if (this.expected !== undefined && BigInt(this.expected.seq) > BigInt(this.end.seq)) {
      this.report(`Row ${this.expected.seq}, which was there before, is missing.`);
    }
  }

  private report(problem: string): void {
    // With another master key every row is wrong; the first ones say enough.
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
    else this.problems[PROBLEMS_MAX] = 'More problems are not listed.';
  }
}

async function readHead(session: SqlSession): Promise<AuditMark | undefined> {
  const [head] = await session.query<{ seq: string; hash: Buffer }>('select seq, hash from audit_head where id = 1');
  return head && { seq: head.seq, hash: head.hash.toString('hex') };
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
