import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.js';
import { QuotaModule } from '../quota/quota.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsService } from './metrics.service.js';
import { WorkersMetrics } from './workers-metrics.js';

/** Metrics for Prometheus; part of the application only where HUB_METRICS_TOKEN is set. */
@Module({
  imports: [LimitsModule, QuotaModule, RoutingModule],
  controllers: [MetricsController],
  providers: [MetricsService, WorkersMetrics],
})
export class MetricsModule {}
