import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { PriceVersions } from '../pricing/price-versions.js';
import { RoutingModule } from '../routing/routing.module.js';
import { ImageMaker } from './image-maker.js';
import { JobChanges } from './job-changes.js';
import { JobChannels } from './job-channels.js';
import { JobEnder } from './job-ender.js';
import { JobFetcher } from './job-fetcher.js';
import { JobLeaseStore } from './job-lease-store.js';
import { JobLookUp } from './job-look-up.js';
import { JobPoller } from './job-poller.js';
import { JobRetry } from './job-retry.js';
import { JobRouter } from './job-router.js';
import { JobSteps } from './job-steps.js';
import { JobStore } from './job-store.js';
import { JobSubmitter } from './job-submitter.js';
import { JobWatcher } from './job-watcher.js';
import { JobWorker } from './job-worker.js';
import { Jobs } from './jobs.service.js';
import { LateTaskFollower } from './late/late-task-follower.js';
import { LateTaskStore } from './late/late-task-store.js';
import { LateTaskWorker } from './late/late-task-worker.js';
import { TaskLookUp } from './task-look-up.js';
import { TaskSender } from './task-sender.js';

/** Requests that take minutes: stored, carried out by whichever instance has time, over exactly once. docs/video.md. */
@Module({
  imports: [ChannelsModule, IdempotencyModule, LimitsModule, RoutingModule],
  providers: [
    ImageMaker,
    JobChanges,
    JobChannels,
    JobEnder,
    JobLeaseStore,
    JobFetcher,
    JobLookUp,
    JobPoller,
    JobRetry,
    JobRouter,
    Jobs,
    JobSteps,
    LateTaskFollower,
    LateTaskStore,
    LateTaskWorker,
    JobStore,
    JobSubmitter,
    JobWatcher,
    JobWorker,
    PriceVersions,
    TaskLookUp,
    TaskSender,
  ],
  exports: [JobChanges, JobRetry, JobRouter, JobStore, Jobs, LateTaskStore, TaskLookUp, TaskSender],
})
export class JobsModule {}
