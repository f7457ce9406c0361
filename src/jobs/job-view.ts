import type { Job, JobOutput } from './job.js';

/** A job with its results. */
export interface JobView {
  readonly job: Job;
  readonly outputs: readonly JobOutput[];
}
