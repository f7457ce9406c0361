import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { Sql } from '../database/sql.js';
import { MediaStorage } from './storage/media-storage.js';

const EXPIRED_MS = 60_000;
const LEFT_OVER_MS = 6 * 60 * 60_000;
const JOBS_AT_ONCE = 100;
const KEYS_AT_ONCE = 500;
/** Far longer than a copy takes. */
const ORPHAN_AFTER_MS = 24 * 60 * 60_000;

/**
 * Deletes results whose time is over or whose job was removed, and what crashed copies have left. All instances do; deleting
 * twice is harmless, so that no lock has to be held while files are deleted.
 */
@Injectable()
export class ResultSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ResultSweeper.name);
  private readonly expired = new Periodic(
    () => this.sweepExpired(),
    EXPIRED_MS,
    (error) => this.logger.warn(`Expired results could not be deleted: ${(error as Error).message}`),
  );
  private readonly leftOver = new Periodic(
    () => this.sweepLeftOver(),
    LEFT_OVER_MS,
    (error) => this.logger.warn(`What copies have left could not be deleted: ${(error as Error).message}`),
  );
  private isStopping = false;

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(MediaStorage) private readonly storage: MediaStorage,
  ) {}

  onApplicationBootstrap(): void {
    this.expired.start();
    this.leftOver.start();
    this.leftOver.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.expired.stop(), this.leftOver.stop()]);
  }

  /** Deletes the files first: a job whose files could not be deleted is found again. */
  async sweepExpired(): Promise<void> {
    for (;;) {
      const jobs = await this.sql.query<{ id: string; keys: string[] }>(
        `select j.id, array(select o.storage_key from job_output o where o.job_id = j.id and o.storage_key is not null) as keys
           from job j
          where j.results_deleted_at is null and j.results_expire_at is not null
            and (j.results_expire_at <= now() or j.deleted_at is not null)
          order by j.results_expire_at limit ${JOBS_AT_ONCE}`,
      );
      if (jobs.length === 0 || this.isStopping) return;
      await this.storage.remove(jobs.flatMap((job) => job.keys));
      await this.sql.query(
        `update job set results_deleted_at = now() where id = any($1::uuid[]) and results_deleted_at is null`,
        [jobs.map((job) => job.id)],
      );
    }
  }

  /** Deletes unfinished files, and those that no finished job knows; a job that is not over may be about to. */
  async sweepLeftOver(nowMs = Date.now()): Promise<void> {
    let keys: string[] = [];
    for await (const key of this.storage.list(new Date(nowMs - ORPHAN_AFTER_MS))) {
      if (this.isStopping) return;
      keys.push(key);
      if (keys.length < KEYS_AT_ONCE) continue;
      await this.removeOrphans(keys);
      keys = [];
    }
    await this.removeOrphans(keys);
    // Last: some services that speak S3's protocol cannot list unfinished uploads.
    await this.storage.tidy();
  }

  private async removeOrphans(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const rows = await this.sql.query<{ key: string }>(
      `select k.key from unnest($1::text[]) k (key), lateral (select split_part(k.key, '/', 1)::uuid as job_id) i
        where not exists (select from job_output o where o.job_id = i.job_id and o.storage_key = k.key)
          and not exists (select from job j where j.id = i.job_id and j.finished_at is null)`,
      [keys],
    );
    await this.storage.remove(rows.map((row) => row.key));
  }
}
