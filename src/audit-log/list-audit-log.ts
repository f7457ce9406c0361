import type { SqlSession } from '../database/sql.js';
import type { AuditRow } from './audit-row.js';

/** Which rows are wanted; what is null or absent does not matter. */
export interface AuditQuery {
  readonly actorUserId?: string | null | undefined;
  /** How the action begins. */
  readonly action?: string | null | undefined;
  readonly subjectKind?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly from?: Date | null | undefined;
  /** Exclusive. */
  readonly to?: Date | null | undefined;
}

/** Rows of the audit log, newest first. @param before a number of a row, for the next page. */
export function listAuditLog(
  session: SqlSession,
  query: AuditQuery,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<AuditRow[]> {
  return session.query<AuditRow>(
    `select seq, created_at as "createdAt", actor_kind as "actorKind", actor_user_id as "actorUserId", actor, address,
            request_id as "requestId", action, subject_kind as "subjectKind", subject_id as "subjectId",
            account_id as "accountId", reason, before, after
       from audit_log
      where ($1::bigint is null or actor_user_id = $1) and ($2::text is null or starts_with(action, $2))
        and ($3::text is null or subject_kind = $3) and ($4::text is null or subject_id = $4)
        and ($5::bigint is null or account_id = $5)
        and ($6::timestamptz is null or created_at >= $6) and ($7::timestamptz is null or created_at < $7)
        and ($8::bigint is null or seq < $8)
      order by seq desc limit $9`,
    [
      query.actorUserId ?? null,
      query.action ?? null,
      query.subjectKind ?? null,
      query.subjectId ?? null,
      query.accountId ?? null,
      query.from ?? null,
      query.to ?? null,
      before,
      limit,
    ],
  );
}
