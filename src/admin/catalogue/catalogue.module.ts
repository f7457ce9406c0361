import { Module } from '@nestjs/common';
import { ChannelsModule } from '../../channels/channels.module.js';
import { RoutingModule } from '../../routing/routing.module.js';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { CatalogueChanges } from './catalogue-changes.js';
import { ChannelResolver } from './channels/channel.resolver.js';
import { ChannelEditor } from './channels/channel-editor.js';
import { ChannelMutationsResolver } from './channels/channel-mutations.resolver.js';
import { ChannelReader } from './channels/channel-reader.js';
import { ChannelStates } from './channels/channel-state.js';
import { ChannelTester } from './channels/channel-tester.js';
import { DryRunResolver } from './dry-runs/dry-run.resolver.js';
import { DryRunGate } from './dry-runs/dry-run-gate.js';
import { PriceDryRun } from './dry-runs/price-dry-run.js';
import { RouteDryRun } from './dry-runs/route-dry-run.js';
import { RateLimitResolver } from './limits/rate-limit.resolver.js';
import { RateLimitReader } from './limits/rate-limit-reader.js';
import { ModelResolver } from './models/model.resolver.js';
import { ModelEditor } from './models/model-editor.js';
import { ModelReader } from './models/model-reader.js';
import { PriceResolver } from './prices/price.resolver.js';
import { PriceEditor } from './prices/price-editor.js';
import { PriceReader } from './prices/price-reader.js';
import { ProviderResolver } from './providers/provider.resolver.js';
import { RouteResolver } from './routes/route.resolver.js';
import { RouteEditor } from './routes/route-editor.js';
import { RouteReader } from './routes/route-reader.js';

/** What is sold, where it comes from, and what it costs. */
@Module({
  imports: [GraphqlPartsModule, ChannelsModule, RoutingModule],
  providers: [
    CatalogueChanges,
    ProviderResolver,
    ChannelReader,
    ChannelStates,
    ChannelEditor,
    ChannelTester,
    ChannelResolver,
    ChannelMutationsResolver,
    ModelReader,
    ModelEditor,
    ModelResolver,
    RouteReader,
    RouteEditor,
    RouteResolver,
    PriceReader,
    PriceEditor,
    PriceResolver,
    DryRunGate,
    PriceDryRun,
    RouteDryRun,
    DryRunResolver,
    RateLimitReader,
    RateLimitResolver,
  ],
})
export class CatalogueModule {}
