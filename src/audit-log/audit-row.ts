import { createHmac } from 'node:crypto';

/** Who made a change. */
export interface AuditActor {
  readonly kind: 'session' | 'token' | 'cli' | 'system' | 'nobody';
  readonly userId: string | null;
  /** For people: an e-mail, `cli` or the name of a task. */
  readonly name: string;
  /** Of the client; empty where there is none. */
  readonly address: string;
  /** Of the request; empty where there is none. */
  readonly requestId: string;
}

/** What was changed. */
export interface AuditChange {
  /** Such as `apiKey.create`. */
  readonly action: string;
  /** Kind and id of what was changed. */
  readonly kind: string;
  readonly id: string;
  /** The account it belongs to. */
  readonly accountId?: string | null;
  readonly reason?: string | null;
  /** How it was and how it is now, as far as it is of interest; secrets are masked. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A row of the audit log as it is stored. */
export interface AuditRow {
  /** 1, 2, 3, without holes. */
  readonly seq: string;
  readonly createdAt: Date;
  readonly actorKind: AuditActor['kind'];
  readonly actorUserId: string | null;
  readonly actor: string;
  readonly address: string;
  readonly requestId: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly accountId: string | null;
  readonly reason: string | null;
  /** JSON. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Label under which the keyring derives the key of the chain. */
export const AUDIT_KEY_LABEL = 'audit log';
/** The hash before the first row. */
export const FIRST_HASH = Buffer.alloc(32);

/**
 * The keyed hash of a row and of the hash before it (HMAC-SHA-256, RFC 2104): who can write to the database but does not have the
 * master key cannot make a chain that fits.
 */
export function hashAuditRow(key: Buffer, before: Uint8Array, row: AuditRow): Buffer {
  const fields = [
    row.seq,
    row.createdAt.toISOString(),
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
  ];
  return createHmac('sha256', key).update(before).update(JSON.stringify(fields)).digest();
}
