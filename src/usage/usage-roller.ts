import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Sql } from '../database/sql.js';
import { resetRollUp } from './rebuild-usage.js';
import { rollUpUsage } from './roll-up-usage.js';

const INTERVAL_MS = 10_000;
const WHY_ANEW = {
  foreign: 'The database was restored from another server',
  emptied: 'A hub of an older version has emptied the sums and does not know all of them',
} as const;

/** Keeps the hourly sums close behind the events. Every instance runs one; the lock in the database lets one at a time work. */
@Injectable()
export class UsageRoller implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(UsageRoller.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopping = false;

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.catchUp(), INTERVAL_MS).unref();
    void this.catchUp();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Sums up what there is. Joins a run that is on its way. Never throws: what was not summed up now is next time. */
  catchUp(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      while (!this.isStopping) {
        const step = await rollUpUsage(this.sql);
        if (step === 'foreign' || step === 'emptied') {
          this.logger.warn(`${WHY_ANEW[step]}: the hourly usage is summed up anew`);
          await resetRollUp(this.sql);
        } else if (step !== 'more') return;
      }
    } catch (error) {
      this.logger.warn(`Usage could not be summed up, and will be in the next run: ${(error as Error).message}`);
    }
  }
}
