import { Module } from '@nestjs/common';
import { JobsModule } from '../../jobs/jobs.module.js';
import { WebhooksModule } from '../../webhooks/webhooks.module.js';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { JobActions } from './job-actions.js';
import { JobReader } from './job-reader.js';
import { VideoJobsResolver } from './video-jobs.resolver.js';

/** Jobs in the admin API. */
@Module({
  imports: [GraphqlPartsModule, JobsModule, WebhooksModule],
  providers: [JobActions, JobReader, VideoJobsResolver],
  exports: [JobReader],
})
export class AdminJobsModule {}
