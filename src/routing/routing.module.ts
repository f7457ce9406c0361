import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { ChannelsModule } from '../channels/channels.module.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { RedisService } from '../redis/redis.service.js';
import { AttemptObservers } from './attempt-observers.js';
import { ChannelHealth } from './health/channel-health.js';
import { ChannelProber } from './health/channel-prober.js';
import { RestAlerts } from './health/rest-alerts.js';
import { SharedHealth } from './health/shared-health.js';
import { ModelCatalog } from './model-catalog.js';
import { RetryBudget } from './retry-budget.js';
import { RoutePlanner } from './route-planner.js';

/** Which channels there are for a model, how they are doing, and in which order they are asked. */
@Module({
  imports: [AlertsModule, ChannelsModule],
  providers: [
    AttemptObservers,
    ModelCatalog,
    RestAlerts,
    {
      provide: ChannelHealth,
      inject: [RedisService, RestAlerts, SETTINGS],
      useFactory: (redis: RedisService, watcher: RestAlerts, { routing }: Settings) =>
        new ChannelHealth({
          sharing: new SharedHealth(redis),
          watcher,
          isProbedActively: routing.channelProbeMs !== undefined,
        }),
    },
    ChannelProber,
    { provide: RoutePlanner, inject: [ChannelHealth], useFactory: (health: ChannelHealth) => new RoutePlanner(health) },
    { provide: RetryBudget, useFactory: () => new RetryBudget() },
  ],
  exports: [AttemptObservers, ChannelHealth, ModelCatalog, RetryBudget, RoutePlanner],
})
export class RoutingModule {}
