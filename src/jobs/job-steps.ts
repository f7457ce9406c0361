import { Inject, Injectable } from '@nestjs/common';
import type { Job } from './job.js';
import { JobFetcher } from './job-fetcher.js';
import { JobLookUp } from './job-look-up.js';
import { JobPoller } from './job-poller.js';
import { JobSubmitter } from './job-submitter.js';
import type { JobWork, StepEnd } from './job-work.js';
import type { JobWrites } from './job-writes.js';

/** What comes next for a job, by its state. */
@Injectable()
export class JobSteps {
  constructor(
    @Inject(JobSubmitter) private readonly submitter: JobSubmitter,
    @Inject(JobLookUp) private readonly lookUp: JobLookUp,
    @Inject(JobPoller) private readonly poller: JobPoller,
    @Inject(JobFetcher) private readonly fetcher: JobFetcher,
  ) {}

  /** @throws whatever is no answer of an upstream: a fault of the hub. */
  async step(job: Job, work: JobWork, writes: JobWrites): Promise<StepEnd> {
    switch (job.state) {
      case 'queued':
        return await this.submitter.submit(job, work);
      case 'submitting':
      case 'unknown':
        return await this.lookUp.lookUp(job, work);
      case 'fetching':
        return await this.fetcher.inTurn(job, work, () => this.fetch(job, work));
      case 'accepted':
      case 'processing':
      case 'succeeded':
      case 'failed':
      case 'cancelled':
        return await this.poller.look(job, work, writes);
    }
  }

  private async fetch(job: Job, work: JobWork): Promise<StepEnd> {
    const fresh = job.looks > 0 ? await this.poller.refresh(job, work) : undefined;
    const outcome = fresh ?? job.outcome;
    if (outcome === null) throw new Error(`Job ${job.id} is being fetched and has no result.`);
    return await this.fetcher.fetch(job, outcome, work);
  }
}
