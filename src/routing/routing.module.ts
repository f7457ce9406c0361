import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { ChannelsModule } from '../channels/channels.module.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { TASK_STATUS_CLIENT } from '../providers/providers.module.js';
import { AccessTokenStore } from '../providers/transport/access-token-store.js';
import type { UpstreamClient } from '../providers/transport/upstream-client.js';
import { RedisService } from '../redis/redis.service.js';
import { AttemptObservers } from './attempt-observers.js';
import { ChannelSender } from './channel-sender.js';
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
      useFactory: (redis: RedisService, watcher: RestAlerts, { routing, workers }: Settings) =>
        new ChannelHealth({
          sharing: new SharedHealth(redis),
          watcher,
          processes: workers,
          isProbedActively: routing.channelProbeMs !== undefined,
        }),
    },
    {
      provide: ChannelSender,
      inject: [TASK_STATUS_CLIENT],
      useFactory: (client: UpstreamClient) => new ChannelSender(new AccessTokenStore(client)),
    },
    ChannelProber,
    { provide: RoutePlanner, inject: [ChannelHealth], useFactory: (health: ChannelHealth) => new RoutePlanner(health) },
    { provide: RetryBudget, useFactory: () => new RetryBudget() },
  ],
  exports: [AttemptObservers, ChannelHealth, ChannelSender, ModelCatalog, RetryBudget, RoutePlanner],
})
export class RoutingModule {}
