import { Module } from '@nestjs/common';
import { AdminJobsModule } from '../jobs/admin-jobs.module.js';
import { FeedsResolver } from './feeds.resolver.js';
import { JobFeed } from './job-feed.js';
import { RequestFeed } from './request-feed.js';

/** Live feeds of the admin API. */
@Module({ imports: [AdminJobsModule], providers: [FeedsResolver, JobFeed, RequestFeed] })
export class FeedsModule {}
