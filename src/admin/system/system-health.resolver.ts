import { Inject } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { readProductVersion } from '../../docs/read-product-version.js';
import { RedisService } from '../../redis/redis.service.js';
import { Allow } from '../graphql/allow.decorator.js';
import { type HubInstance, SystemHealth } from './system-health.type.js';

interface Row {
  readonly openHolds: string;
  readonly stuckHolds: string;
  readonly jobsInFlight: string;
  readonly jobsOverdue: string;
  readonly webhooksWaiting: string;
  readonly criticalAlerts: number;
  readonly statisticsAsOf: Date;
  readonly auditedAt: Date | null;
}

// Each count has a partial index of what it counts. Where no usage waits, nothing is rolled up, and the statistics are of now.
const COUNTS = `
  select (select count(*) from hold where state = 'open') as "openHolds",
         (select count(*) from hold where state = 'open' and kind <> 'video' and lease_until < now() - interval '30 s') as "stuckHolds",
         (select count(*) from job where due_at is not null and finished_at is null) as "jobsInFlight",
         (select count(*) from job where due_at < now() - interval '1 minute' and finished_at is null) as "jobsOverdue",
         (select count(*) from webhook_delivery where next_attempt_at is not null) as "webhooksWaiting",
         (select count(*)::int from alert where acknowledged_at is null and severity = 'critical') as "criticalAlerts",
         (select case when exists (select from usage_event where tx >= least(s.watermark, s.statistics_watermark, coalesce(s.passed_watermark, '0'::xid8))) then s.updated_at
                      else now() end from usage_rollup_state s where id = 1) as "statisticsAsOf",
         (select max(created_at) from alert where kind = 'books_audit') as "auditedAt"`;

/** How the hub is. */
@Resolver(() => SystemHealth)
export class SystemHealthResolver {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(RedisService) private readonly redis: RedisService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Query(() => SystemHealth, { description: 'How the hub is.' })
  @Allow('system:read')
  async systemHealth(): Promise<SystemHealth> {
    const [[counts], instances, redis, version] = await Promise.all([
      this.sql.query<Row>(COUNTS),
      this.sql.query<HubInstance>(
        `select name, started_at as "startedAt", lease_until > now() as "isAlive" from instance
          where lease_until > now() - interval '1 hour' order by started_at desc limit 100`,
      ),
      this.redis.status(),
      readProductVersion(),
    ]);
    if (counts === undefined) throw new Error('The database counted nothing');
    return {
      version,
      database: this.settings.database.url === undefined ? 'embedded' : 'postgresql',
      redis,
      instances,
      openHolds: Number(counts.openHolds),
      stuckHolds: Number(counts.stuckHolds),
      jobsInFlight: Number(counts.jobsInFlight),
      jobsOverdue: Number(counts.jobsOverdue),
      webhooksWaiting: Number(counts.webhooksWaiting),
      criticalAlerts: counts.criticalAlerts,
      statisticsAsOf: counts.statisticsAsOf,
      auditedAt: counts.auditedAt,
    };
  }
}
