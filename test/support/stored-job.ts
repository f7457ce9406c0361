import { randomBytes } from 'node:crypto';
import { Cancellation } from '../../src/common/cancellation.js';
import type { Sql } from '../../src/database/sql.js';
import type { JobOutput } from '../../src/jobs/job.js';
import { Custody, type KeptFile } from '../../src/media/custody.js';
import type { TestHub } from './hub.js';
import { mp4 } from './media-samples.js';

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

/** A result that can be asked for. */
export interface StoredResult {
  readonly id: string;
  readonly kept: KeptFile;
  /** Path and query: the hub of a test does not listen at its public URL. */
  readonly link: string;
}

/** Makes a finished job with one result. */
export async function makeStoredResult(hub: TestHub, bytes = mp4(1000), expiresInMs = 60_000): Promise<StoredResult> {
  const custody = hub.app.get(Custody);
  const id = newJobId();
  const kept = await custody.keep(id, 0, 'video', { kind: 'bytes', bytes }, new Cancellation());
  await writeFinishedJob(hub.sql, id, [kept], expiresInMs);
  const link = custody.linkOf({ id, resultsExpireAt: new Date(Date.now() + expiresInMs) }, toOutput(kept));
  return { id, kept, link: link.replace(hub.settings.server.publicUrl, '') };
}

/** The first result of a job. */
export function toOutput(kept: KeptFile): JobOutput {
  return { ...kept, place: 0, upstreamUrl: null };
}
