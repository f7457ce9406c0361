import { formatCredits } from '../common/credits.js';
import { toPublicJobId } from '../jobs/job.js';
import type { JobView } from '../jobs/job-view.js';
import type { PresentedJob } from '../jobs/present-job.js';

/** A job in a list: what its status says, and what tells it from others. */
export type JobItem = { readonly jobId: string } & PresentedJob & {
    readonly provider: string;
    readonly model: string;
    readonly userIdentifier: string;
    readonly metadata: Readonly<Record<string, string>> | null;
    /** Credits, exact; null while it is not over. */
    readonly cost: string | null;
    readonly createdAt: string;
    readonly finishedAt: string | null;
    /** Until when its files are kept. */
    readonly resultsExpireAt: string | null;
  };

/** @param status of the same job. */
export function toJobItem({ job }: JobView, status: PresentedJob): JobItem {
  return {
    jobId: toPublicJobId(job.id),
    ...status,
    provider: job.provider,
    model: job.model,
    userIdentifier: job.userIdentifier,
    metadata: job.metadata,
    cost: job.cost === null ? null : formatCredits(job.cost),
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
    resultsExpireAt: job.resultsExpireAt?.toISOString() ?? null,
  };
}
