import type { TaskState } from '../providers/canonical/video.js';
import type { Job } from './job.js';

const QUEUED = 5;
const MOST = 95;
/** Most videos are done by then. */
const USUAL_MS = 180_000;

/**
 * The progress to show, in percent: the upstream's own, or, since most say none, one that grows with time and never arrives.
 *
 * @param nowMs Unix time.
 */
export function progressOf(
  job: Pick<Job, 'progress' | 'acceptedAt'>,
  state: Extract<TaskState, { state: 'queued' | 'processing' }>,
  nowMs: number,
): number {
  if (state.progress !== undefined) return Math.max(job.progress, clamp(state.progress));
  if (state.state === 'queued' || job.acceptedAt === null) return Math.max(job.progress, QUEUED);
  const elapsed = Math.max(0, nowMs - job.acceptedAt.getTime());
  return Math.max(job.progress, clamp(QUEUED + (MOST - QUEUED) * (1 - Math.exp(-elapsed / USUAL_MS))));
}

function clamp(percent: number): number {
  return Number.isFinite(percent) ? Math.min(Math.max(Math.round(percent), 0), MOST) : 0;
}
