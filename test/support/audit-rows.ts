import type { Sql } from '../../src/database/sql.js';

/** A row of the audit log, as tests look at it. */
export interface SeenAuditRow {
  readonly action: string;
  readonly actor: string;
  readonly address: string;
  readonly accountId: string | null;
  readonly reason: string | null;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** What the audit log says of one thing, oldest first. */
export async function auditRowsOf(sql: Sql, kind: string, id: string): Promise<SeenAuditRow[]> {
  const rows = await sql.query<Record<'action' | 'actor' | 'address', string> & Record<string, string | null>>(
    `select action, actor, address, account_id, reason, before, after from audit_log
      where subject_kind = $1 and subject_id = $2 order by seq`,
    [kind, id],
  );
  return rows.map((row) => ({
    action: row.action,
    actor: row.actor,
    address: row.address,
    accountId: row['account_id'] ?? null,
    reason: row['reason'] ?? null,
    before: parse(row['before']),
    after: parse(row['after']),
  }));
}

/** How many rows the audit log has. */
export async function auditLength(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>('select count(*)::int as count from audit_log');
  return row!.count;
}

function parse(text: string | null | undefined): Record<string, unknown> | null {
  return text == null ? null : (JSON.parse(text) as Record<string, unknown>);
}
