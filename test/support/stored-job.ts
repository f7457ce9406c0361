import { randomBytes } from 'node:crypto';
import type { Sql } from '../../src/database/sql.js';
import type { KeptFile } from '../../src/media/custody.js';

/** 32 hex digits. */
export function newJobId(): string {
  return randomBytes(16).toString('hex');
}

/** Writes a job that has succeeded, with results as the job engine does. */
export async function writeFinishedJob(
  sql: Sql,
  id: string,
  files: readonly KeptFile[],
  expiresInMs = 60_000,
): Promise<void> {
  await sql.query(
    `insert into job (id, kind, state, account_id, endpoint, model, provider, request, offers, held, multiplier_millionths, cost,
            finished_at, deadline_at, due_at, results_expire_at)
     values ($1, 'video', 'succeeded', 1, 'video/submit', 'm', 'p', '{}', '[]', 0, 1000000, 0, now(), now(), null,
            now() + make_interval(secs => $2::bigint / 1000.0))`,
    [id, expiresInMs],
  );
  for (const [place, { storageKey, contentType, bytes }] of files.entries()) {
    await sql.query(
      `insert into job_output (job_id, place, storage_key, content_type, bytes) values ($1, $2, $3, $4, $5)`,
      [id, place, storageKey, contentType, bytes],
    );
  }
}
