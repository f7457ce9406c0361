import { type JobError, type JobOutput, type JobStatus, statusOf } from './job.js';
import type { JobView } from './job-view.js';

/** What callers see of a job. */
export interface PresentedJob {
  readonly status: JobStatus;
  /** Percent. */
  readonly progress: number;
  /** Of the first result; null until there is one, and when it is not kept any more. */
  readonly resultUrl: string | null;
  /** All results, of a job that was asked for more than one. */
  readonly results?: readonly { readonly url: string }[];
  /** Why it failed. */
  readonly error?: JobError;
}

/** @param linkOf makes a link that works for whoever has it. */
export function presentJob({ job, outputs }: JobView, linkOf: (output: JobOutput) => string): PresentedJob {
  const isKept = job.state === 'succeeded' && job.resultsDeletedAt === null;
  const links = isKept ? outputs.map((output) => ({ url: linkOf(output) })) : [];
  return {
    status: statusOf(job.state),
    progress: job.progress,
    resultUrl: links[0]?.url ?? null,
    ...(job.request.count > 1 && isKept ? { results: links } : {}),
    ...(job.error === null ? {} : { error: job.error }),
  };
}
