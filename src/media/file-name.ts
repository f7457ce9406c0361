import type { JobOutput } from '../jobs/job.js';

/**
 * What a result is saved as: `job_….mp4`, and `job_…_1.mp4` for the second of several.
 * @param publicId the job's id as callers see it.
 */
export function fileNameOf(publicId: string, { place, storageKey }: JobOutput): string {
  const key = storageKey ?? '';
  return `${publicId}${place === 0 ? '' : `_${place}`}${key.slice(key.lastIndexOf('.'))}`;
}
