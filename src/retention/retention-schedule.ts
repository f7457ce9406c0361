import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Alerts } from '../alerts/alerts.service.js';
import { Periodic } from '../common/periodic.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { MONTH_REFUSALS } from './month-refusal.js';
import { type MonthReport, type RetentionReport, runRetention } from './retention.js';

const ROUND_MS = 10 * 60_000;

/** Removes once a day, by one instance, what the settings say is old enough; from the hour on in which the books are audited. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RetentionSchedule.name);
  private readonly periodic = new Periodic(
    () => this.round(new Date()),
    ROUND_MS,
    (error) => this.logger.error(`Old data could not be removed: ${(error as Error).message}`),
  );

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Alerts) private readonly alerts: Alerts,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    const { usageMonths, jobsDays } = this.settings.retention;
    if (usageMonths !== undefined || jobsDays !== undefined) this.periodic.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /** What is due at a moment: nothing, where it was done that day. What a failure has left undone is for the next day. */
  async round(at: Date): Promise<void> {
    if (at.getUTCHours() < this.settings.audit.hourUtc || !(await this.claim(at))) return;
    await this.tell(await runRetention(this.sql, this.settings.retention, at, { isDryRun: false }), at);
  }

  /** True for one instance a day. */
  private async claim(at: Date): Promise<boolean> {
    const claimed = await this.sql.query(
      `update retention_state set last_day = $1::date where last_day is distinct from $1::date returning 1`,
      [at.toISOString().slice(0, 10)],
    );
    return claimed.length > 0;
  }

  private async tell({ months = [], jobs = 0 }: RetentionReport, at: Date): Promise<void> {
    if (jobs > 0) this.logger.log(`${jobs} old jobs were removed`);
    for (const { month, refusal, totals } of months) {
      if (refusal === undefined) this.logger.log(`The usage of ${month} was dropped: ${totals?.attempts} attempts`);
      else this.logger.warn(`The usage of ${month} stays: ${MONTH_REFUSALS[refusal]}`);
    }
    await this.raise(
      months.filter(({ refusal }) => refusal === 'totals_differ' || refusal === 'sealed_before'),
      at,
    );
  }

  /** Other reasons pass by themselves; these need somebody who looks. */
  private async raise(months: readonly MonthReport[], at: Date): Promise<void> {
    if (months.length === 0) return;
    const names = months.map(({ month }) => month);
    await this.alerts.raise({
      kind: 'retention_refused',
      severity: 'critical',
      subject: 'books',
      message: `The usage of ${names.join(', ')} is kept, because its books are not in order: run books:audit.`,
      details: { months: names },
      dedupeKey: `retention_refused:${at.toISOString().slice(0, 10)}`,
    });
  }
}
