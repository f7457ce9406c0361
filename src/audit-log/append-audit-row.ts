import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import { AUDIT_KEY_LABEL, type AuditActor, type AuditChange, type AuditRow, hashAuditRow } from './audit-row.js';
import { toSnapshotJson } from './snapshot-json.js';

/**
 * Writes one row of the audit log, in the transaction of the change itself: neither is there without the other. Writers take
 * turns on the end of the chain from here to the end of their transaction, so call it last.
 */
export async function appendAuditRow(
  session: SqlSession,
  keyring: Pick<Keyring, 'deriveKey'>,
  actor: AuditActor,
  change: AuditChange,
): Promise<void> {
  const [head] = await session.query<{ seq: string; hash: Buffer; at: Date }>(
    // The clock of the database, in the milliseconds that a Date keeps: the hash must fit what is read back.
    `select seq, hash, date_trunc('milliseconds', clock_timestamp()) as at from audit_head where id = 1 for update`,
  );
  if (head === undefined) throw new Error('The audit log has lost its end');
  const row: AuditRow = {
    seq: String(BigInt(head.seq) + 1n),
    createdAt: head.at,
    actorKind: actor.kind,
    actorUserId: actor.userId,
    actor: plain(actor.name),
    address: plain(actor.address),
    requestId: plain(actor.requestId),
    action: change.action,
    subjectKind: change.kind,
    subjectId: plain(change.id),
    accountId: change.accountId ?? null,
    reason: change.reason == null ? null : plain(change.reason),
    before: toSnapshotJson(change.before),
    after: toSnapshotJson(change.after),
  };
  const hash = hashAuditRow(keyring.deriveKey(AUDIT_KEY_LABEL), head.hash, row);
  await session.query(
    `with row as (
       insert into audit_log (seq, created_at, actor_kind, actor_user_id, actor, address, request_id, action, subject_kind,
                              subject_id, account_id, reason, before, after, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning seq, hash)
     update audit_head set seq = row.seq, hash = row.hash from row where id = 1`,
    [
      row.seq,
      row.createdAt,
      row.actorKind,
      row.actorUserId,
      row.actor,
      row.address,
      row.requestId,
      row.action,
      row.subjectKind,
      row.subjectId,
      row.accountId,
      row.reason,
      row.before,
      row.after,
      hash,
    ],
  );
}

/** As the database will give it back. */
function plain(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
