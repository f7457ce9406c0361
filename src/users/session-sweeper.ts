import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { Sql } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';

const ROUND_MS = 3_600_000;
/** The throttle of sign-ins asks where a person has been in the last 30 days. */
const KEPT_DAYS = 30;
/** Some milliseconds of a database that others wait for. */
const BATCH = 500;

/** Deletes sessions that have been over for a month. */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SessionSweeper.name);
  private readonly periodic = new Periodic(
    async () => void (await this.sweep()),
    ROUND_MS,
    (error) => this.logger.error(`Old sessions could not be deleted: ${(error as Error).message}`),
  );

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /**
   * Deletes what is due, in batches; of several instances one does it. A session that was ended counts from when it would have
   * ended by itself, which is at most half a day later.
   *
   * @returns how many.
   */
  async sweep(): Promise<number> {
    let count = 0;
    for (;;) {
      const deleted = await this.sql.transaction(async (session) => {
        if (!(await tryLock(session, 'old sessions'))) return 0;
        const rows = await session.query(
          `delete from user_session where id in (select id from user_session
             where expires_at < now() - make_interval(days => ${KEPT_DAYS}) order by expires_at limit ${BATCH}) returning id`,
        );
        return rows.length;
      });
      count += deleted;
      if (deleted < BATCH) return count;
    }
  }
}
