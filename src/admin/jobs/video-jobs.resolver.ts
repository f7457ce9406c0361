import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { fromPublicJobId } from '../../jobs/job.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { JobActions } from './job-actions.js';
import { JOB_CURSOR, JobReader, toVideoJob } from './job-reader.js';
import { JobActionResult, RedeliverWebhookResult, RefundJobResult } from './job-results.js';
import { RefundJobInput, VideoJobsArgs } from './video-job.input.js';
import { JobAttempt, JobResult, VideoJob, VideoJobConnection, WebhookMessage } from './video-job.type.js';

/** Jobs. */
@Resolver(() => VideoJob)
export class VideoJobsResolver {
  constructor(
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(JobActions) private readonly actions: JobActions,
  ) {}

  @Query(() => VideoJobConnection, { description: 'Jobs, newest first. Members see those of the own account.' })
  @Allow('jobs:read')
  async videoJobs(@Args() args: VideoJobsArgs, @Context() context: AdminContext): Promise<VideoJobConnection> {
    const page = readPage(args, JOB_CURSOR);
    if (args.filter?.channelId != null) context.require('channels:read');
    const rows = await this.reader.list(context.scope('jobs:read'), page, args.filter ?? {});
    return toPage(page, rows, (job) => [job.id], toVideoJob);
  }

  @Query(() => VideoJob, { description: 'One job.' })
  @Allow('jobs:read')
  async videoJob(
    @Args('id', { type: () => ID, description: 'Of the job: job_ and 32 hex digits.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<VideoJob> {
    return toVideoJob(await this.reader.get(context.scope('jobs:read'), id));
  }

  @ResolveField(() => [JobAttempt], {
    description: 'Every submission to a provider, and the channels that were passed over.',
  })
  @Allow('costs:read')
  async attempts(@Parent() job: VideoJob, @Context() { loaders }: AdminContext): Promise<JobAttempt[]> {
    return (await loaders.load(JobAttempt, storedId(job), (ids) => this.reader.attempts(ids))) ?? [];
  }

  @ResolveField(() => [JobResult], { description: 'What it made.' })
  @Allow('jobs:read')
  async results(@Parent() job: VideoJob, @Context() context: AdminContext): Promise<JobResult[]> {
    if (job.status !== 'succeeded') return [];
    const results = await context.loaders.load(JobResult, storedId(job), (ids) => this.reader.results(ids));
    // What was made is as private as the prompt. Its customer has it anyway.
    const isShown = context.scope('jobs:read') !== null || context.may('capture:read');
    return (results ?? []).map((result) => (isShown ? result : { ...result, url: null }));
  }

  @ResolveField(() => [WebhookMessage], { description: 'Messages to the customer that it is over.' })
  @Allow('jobs:read')
  async webhookMessages(@Parent() job: VideoJob, @Context() { loaders }: AdminContext): Promise<WebhookMessage[]> {
    return (await loaders.load(WebhookMessage, storedId(job), (ids) => this.reader.messages(ids))) ?? [];
  }

  @Mutation(() => JobActionResult, { description: 'Asks for a job to be called off. It is refunded when that works.' })
  @Allow('jobs:write')
  cancelJob(
    @Args('id', { type: () => ID, description: 'The job.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<typeof JobActionResult> {
    return this.actions.cancel(context, id);
  }

  @Mutation(() => JobActionResult, {
    description:
      "Submits the request of a failed or cancelled job again, as a new job that the same account pays at today's price.",
  })
  @Allow('jobs:write')
  retryJob(
    @Args('id', { type: () => ID, description: 'The job that failed.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<typeof JobActionResult> {
    return this.actions.retry(context, id);
  }

  @Mutation(() => RefundJobResult, { description: 'Gives back what a job cost, or a part of it. Once per job.' })
  @Allow('jobs:refund')
  refundJob(
    @Args('input', { description: 'The job, how much, and why.' }) input: RefundJobInput,
    @Context() context: AdminContext,
  ): Promise<typeof RefundJobResult> {
    return this.actions.refund(context, input);
  }

  @Mutation(() => RedeliverWebhookResult, { description: 'Sends the message that a job is over again.' })
  @Allow('webhooks:write')
  redeliverWebhook(
    @Args('jobId', { type: () => ID, description: 'The job.' }) jobId: string,
    @Context() context: AdminContext,
  ): Promise<typeof RedeliverWebhookResult> {
    return this.actions.redeliver(context, jobId);
  }
}

function storedId(job: VideoJob): string {
  return fromPublicJobId(job.id) ?? '';
}
