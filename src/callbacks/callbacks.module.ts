import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { CallbacksController } from './callbacks.controller.js';
import { CallbacksService } from './callbacks.service.js';

/** Takes what providers report of their tasks. */
@Module({ imports: [ChannelsModule, JobsModule], controllers: [CallbacksController], providers: [CallbacksService] })
export class CallbacksModule {}
