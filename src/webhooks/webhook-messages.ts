import { Inject, Injectable } from '@nestjs/common';
import { statusOf, toPublicJobId } from '../jobs/job.js';
import { Jobs } from '../jobs/jobs.service.js';
import { presentJob } from '../jobs/present-job.js';
import { Custody } from '../media/custody.js';

/** What is posted about a job. */
@Injectable()
export class WebhookMessages {
  constructor(
    @Inject(Jobs) private readonly jobs: Pick<Jobs, 'find'>,
    @Inject(Custody) private readonly custody: Pick<Custody, 'linkOf'>,
  ) {}

  /**
   * The body of the message about a job that is over, as JSON. Made anew for each attempt, because the links in it expire.
   *
   * @param jobId 32 hex digits.
   * @returns undefined when the account has removed the job.
   */
  async bodyOf(accountId: string, jobId: string): Promise<string | undefined> {
    const view = await this.jobs.find(accountId, jobId);
    if (view === undefined) return undefined;
    const { job } = view;
    return JSON.stringify({
      type: `${job.kind}.${statusOf(job.state)}`,
      timestamp: (job.finishedAt ?? job.createdAt).toISOString(),
      data: {
        jobId: toPublicJobId(job.id),
        ...presentJob(view, (output) => this.custody.linkOf(job, output)),
        ...(job.metadata !== null && { metadata: job.metadata }),
      },
    });
  }
}
