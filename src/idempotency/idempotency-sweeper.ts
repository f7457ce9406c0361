import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Sql } from '../database/sql.js';

const SWEEP_MS = 60_000;
/** Rows of one statement: few enough that the embedded database, which does one thing at a time, is never held up. */
const BATCH_MAX = 500;
const BATCHES_MAX = 100;

/** Deletes stored answers whose time is over. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(IdempotencySweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => this.next(), SWEEP_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    // A cleared timer would start again when the sweep that is under way refreshes it.
    this.timer = undefined;
    await this.running;
  }

  /**
   * Deletes what has expired, batch by batch; what is left after {@link BATCHES_MAX} waits for the next time.
   *
   * @returns how many were deleted.
   */
  async sweep(): Promise<number> {
    let deleted = 0;
    for (let batches = 0; batches < BATCHES_MAX; batches++) {
      const rows = await this.sql.query(
        `delete from idempotency where (account_id, route, key) in (
           select account_id, route, key from idempotency where expires_at <= now()
            order by expires_at limit $1 for update skip locked)
         returning 1`,
        [BATCH_MAX],
      );
      deleted += rows.length;
      if (rows.length < BATCH_MAX) break;
    }
    return deleted;
  }

  private next(): void {
    this.running = this.sweep()
      .catch((error: unknown) => this.logger.warn(`Expired answers could not be deleted: ${error}`))
      .finally(() => this.timer?.refresh());
  }
}
