import { missing } from '../common/body-fields.js';
import { jobNotFound } from '../jobs/job.errors.js';
import { fromPublicJobId } from '../jobs/job.js';

/**
 * The digits of a job's id from what a caller sent.
 * @throws HubError 400 when there is nothing, 404 for what can be no id: callers need not tell the two kinds of unknown apart.
 */
export function readJobId(text: unknown): string {
  if (text === undefined || text === null || text === '') throw missing('jobId');
  const id = typeof text === 'string' ? fromPublicJobId(text) : undefined;
  if (id === undefined) throw jobNotFound();
  return id;
}
