import type { JobRequest } from '../jobs/job.js';
import type { NewJobInput } from '../jobs/job-store.js';

/** A request for a job as its caller wrote it: well-formed, but nothing is known yet of the models it may go to. */
export interface Submission {
  readonly provider?: string;
  readonly model?: string;
  readonly request: JobRequest;
  /** The pictures that came with it. */
  readonly inputs: readonly NewJobInput[];
  /** '' for none. */
  readonly userIdentifier: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Any text: whether it is an address that the hub may post to depends on its settings. */
  readonly webhookUrl?: string;
}
