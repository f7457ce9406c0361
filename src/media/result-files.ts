import { Inject, Injectable } from '@nestjs/common';
import { Sql } from '../database/sql.js';
import type { JobOutput } from '../jobs/job.js';

/** Finds results that can be handed out. */
@Injectable()
export class ResultFiles {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /**
   * A result in our storage.
   *
   * @param jobId 32 hex digits.
   * @returns undefined when there is none, its time is over, or its job was removed.
   */
  async find(jobId: string, place: number): Promise<JobOutput | undefined> {
    const [row] = await this.sql.query<{ storage_key: string; content_type: string; bytes: string }>(
      `select o.storage_key, o.content_type, o.bytes from job_output o join job j on j.id = o.job_id
        where o.job_id = $1 and o.place = $2 and o.storage_key is not null
          and j.deleted_at is null and j.results_deleted_at is null and j.results_expire_at > now()`,
      [jobId, place],
    );
    if (row === undefined) return undefined;
    const { storage_key: storageKey, content_type: contentType, bytes } = row;
    return { place, storageKey, upstreamUrl: null, contentType, bytes: Number(bytes) };
  }
}
