import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Alerts } from '../alerts/alerts.service.js';
import { Periodic } from '../common/periodic.js';
import { sqlState } from '../database/database-error.js';
import { Sql } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';

const MONTHS_AHEAD = 2;
/** Nothing is done when all are there, so an hour costs no more than a day and a new month is served early. */
const ROUND_MS = 3_600_000;
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 500;
/** SQLSTATE lock_not_available */
const LOCK_TIMEOUT = '55P03';

/** Keeps the monthly partitions of holds and usage two months ahead. */
@Injectable()
export class PartitionKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PartitionKeeper.name);
  private readonly periodic = new Periodic(
    () => this.keep(),
    ROUND_MS,
    (error) => this.logger.error(`The partitions could not be looked after: ${(error as Error).message}`),
  );

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Alerts) private readonly alerts: Alerts,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /** Makes what is missing. A failure is an alert, once a day. */
  async keep(): Promise<void> {
    try {
      const made = await this.ensure();
      if (made.length > 0) this.logger.log(`Partitions made: ${made.join(', ')}`);
    } catch (error) {
      const reason = (error as Error).message;
      this.logger.error(`Partitions could not be made: ${reason}`);
      await this.alerts.raise({
        kind: 'partitions_low',
        severity: 'critical',
        subject: 'database',
        message: `Partitions of the months to come could not be made: ${reason}`,
        details: { monthsAhead: MONTHS_AHEAD },
        dedupeKey: `partitions_low:failed:${new Date().toISOString().slice(0, 10)}`,
      });
    }
  }

  private async ensure(): Promise<string[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.ensureOnce();
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || sqlState(error) !== LOCK_TIMEOUT) throw error;
      }
      await delay(PAUSE_MS * attempt);
    }
  }

  private ensureOnce(): Promise<string[]> {
    return this.sql.transaction(async (session) => {
      if (!(await tryLock(session, 'partitions'))) return [];
      // Attaching locks the default partition. While it waits for that lock, settlements wait behind it: not for long.
      await session.query(`set local lock_timeout = '500ms'`);
      const rows = await session.query<{ part: string }>('select ensure_partitions($1::integer) as part', [
        MONTHS_AHEAD,
      ]);
      return rows.map(({ part }) => part);
    });
  }
}
