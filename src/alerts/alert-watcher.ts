import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { DatabaseUnavailableError } from '../database/database-error.js';
import { Sql } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';
import { Alerts } from './alerts.service.js';
import type { AlertRule } from './rules/alert-rule.js';
import { keyBudgets } from './rules/key-budgets.js';
import { losses } from './rules/losses.js';
import { lowBalance } from './rules/low-balance.js';
import { partitionsLow } from './rules/partitions-low.js';
import { spendThreshold } from './rules/spend-threshold.js';

const ROUND_MS = 60_000;
const RULES: readonly AlertRule[] = [lowBalance, spendThreshold, keyBudgets, losses, partitionsLow];

/** Looks every minute whether something is to be alerted. Instances take turns rule by rule. */
@Injectable()
export class AlertWatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AlertWatcher.name);
  private readonly periodic = new Periodic(
    () => this.look(),
    ROUND_MS,
    (error) => this.logger.warn(`The rules of alerts were not looked at: ${(error as Error).message}`),
  );

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Alerts) private readonly alerts: Alerts,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /**
   * One round over all rules. One that fails is logged and does not keep the others from being looked at.
   *
   * @throws DatabaseUnavailableError when the database is away.
   */
  async look(): Promise<void> {
    for (const rule of RULES) {
      try {
        await this.apply(rule);
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) throw error;
        this.logger.warn(`The alert rule ${rule.name} failed: ${(error as Error).message}`);
      }
    }
    this.alerts.wake();
  }

  private async apply(rule: AlertRule): Promise<void> {
    await this.sql.transaction(async (session) => {
      if (!(await tryLock(session, `alerts:${rule.name}`))) return;
      for (const alert of await rule.find(session, this.settings)) await this.alerts.raiseIn(session, alert);
    });
  }
}
