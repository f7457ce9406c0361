import type { SqlSession } from '../database/sql.js';
import type { NewAlert } from './alert.js';

/**
 * Writes an alert within the caller's transaction, so that it exists exactly when what it tells of does. Running instances
 * deliver it within seconds of the commit.
 *
 * @returns false when this happening was raised before.
 */
export async function insertAlert(session: SqlSession, alert: NewAlert): Promise<boolean> {
  const inserted = await session.query(
    `insert into alert (kind, severity, subject, message, details, dedupe_key) values ($1, $2, $3, $4, $5::jsonb, $6)
     on conflict (dedupe_key) do nothing returning id`,
    [alert.kind, alert.severity, alert.subject, alert.message, JSON.stringify(alert.details ?? {}), alert.dedupeKey],
  );
  return inserted.length > 0;
}

/** A state that was alerted is over: its key is given free, so that the next time it begins is a new alert. */
export async function endAlert(session: SqlSession, dedupeKey: string): Promise<void> {
  await session.query(`update alert set dedupe_key = dedupe_key || ':over:' || id where dedupe_key = $1`, [dedupeKey]);
}
