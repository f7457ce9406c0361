import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { Sql } from '../database/sql.js';

const ROUND_MS = 60_000;
/** A row can have half a megabyte. */
const BATCH_MAX = 100;
const BATCHES_MAX = 100;

/** Deletes captured exchanges whose time is over. All instances do; each takes what no other is at. */
@Injectable()
export class CaptureSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(CaptureSweeper.name);
  private readonly periodic = new Periodic(
    async () => {
      await this.sweep();
    },
    ROUND_MS,
    (error) => this.logger.warn(`Expired captures could not be deleted: ${(error as Error).message}`),
  );

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /** Deletes batch by batch; what is left after a hundred waits for the next time. @returns how many were deleted. */
  async sweep(): Promise<number> {
    let deleted = 0;
    for (let batches = 0; batches < BATCHES_MAX; batches++) {
      const rows = await this.sql.query(
        `delete from captured_exchange where id in (
           select id from captured_exchange where expires_at <= now() order by expires_at limit $1::integer for update skip locked)
         returning 1`,
        [BATCH_MAX],
      );
      deleted += rows.length;
      if (rows.length < BATCH_MAX) break;
    }
    return deleted;
  }
}
