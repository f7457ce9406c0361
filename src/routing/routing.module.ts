import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module.js';
import { ChannelRests } from './channel-rests.js';
import { ModelCatalog } from './model-catalog.js';

/** Which channels there are for a model, and which of them rest. */
@Module({
  imports: [ChannelsModule],
  providers: [ChannelRests, ModelCatalog],
  exports: [ChannelRests, ModelCatalog],
})
export class RoutingModule {}
