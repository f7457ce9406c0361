import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module.js';
import { BootstrapService } from './bootstrap.service.js';

/** What happens between opening the database and serving. */
@Module({ imports: [ChannelsModule], providers: [BootstrapService], exports: [BootstrapService] })
export class BootstrapModule {}
