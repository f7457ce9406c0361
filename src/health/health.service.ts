import { Inject, Injectable } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { BriefMemory } from '../common/brief-memory.js';
import { Sql } from '../database/sql.js';
import { RedisService, type RedisStatus } from '../redis/redis.service.js';

const TIMEOUT_MS = 2000;
const REPORT_KEPT_MS = 500;

/** The answer of the health routes, as the public API document has it. */
export interface HealthReport {
  readonly status: 'ok' | 'error';
  readonly checks: { readonly db: 'ok' | 'error'; readonly redis: RedisStatus };
}

/** Asks what the hub depends on. The hub is healthy while its database is; Redis is only ever a help. */
@Injectable()
export class HealthService {
  private readonly reports = new BriefMemory(() => this.ask(), REPORT_KEPT_MS);

  constructor(
    @Inject(HealthCheckService) private readonly terminus: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(Sql) private readonly sql: Sql,
    @Inject(RedisService) private readonly redis: RedisService,
  ) {}

  /**
   * A report no older than half a second, within about two seconds whatever the dependencies do. Anybody may ask, so that
   * however many do, the dependencies are asked once.
   */
  check(): Promise<HealthReport> {
    return this.reports.get();
  }

  private async ask(): Promise<HealthReport> {
    let redis: RedisStatus = 'disabled';
    let isDatabaseUp = false;
    const database = async () => {
      const indicator = this.indicators.check('db');
      isDatabaseUp = await this.isDatabaseUp();
      return isDatabaseUp ? indicator.up() : indicator.down();
    };
    const cache = async () => {
      redis = await this.redis.status();
      return this.indicators.check('redis').up();
    };
    // Terminus throws when a check is down; the report says the same in the document's shape.
    await this.terminus.check([database, cache]).catch(() => undefined);
    return {
      status: isDatabaseUp ? 'ok' : 'error',
      checks: { db: isDatabaseUp ? 'ok' : 'error', redis },
    };
  }

  private async isDatabaseUp(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), TIMEOUT_MS);
    });
    try {
      const ping = this.sql.query('select 1 as one').then(
        () => true,
        () => false,
      );
      return await Promise.race([ping, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
