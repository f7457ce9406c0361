import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module.js';
import { ChannelHealth } from './health/channel-health.js';
import { ModelCatalog } from './model-catalog.js';
import { RetryBudget } from './retry-budget.js';
import { RoutePlanner } from './route-planner.js';

/** Which channels there are for a model, how they are doing, and in which order they are asked. */
@Module({
  imports: [ChannelsModule],
  providers: [
    ModelCatalog,
    { provide: ChannelHealth, useFactory: () => new ChannelHealth() },
    { provide: RoutePlanner, inject: [ChannelHealth], useFactory: (health: ChannelHealth) => new RoutePlanner(health) },
    { provide: RetryBudget, useFactory: () => new RetryBudget() },
  ],
  exports: [ChannelHealth, ModelCatalog, RetryBudget, RoutePlanner],
})
export class RoutingModule {}
