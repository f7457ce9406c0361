import { Module } from '@nestjs/common';
import { ChannelStore } from './channel-store.js';

/** Stored channels, models and routes. */
@Module({ providers: [ChannelStore], exports: [ChannelStore] })
export class ChannelsModule {}
