import { type Job, type JobError, statusOf } from '../../jobs/job.js';
import { toVideoSize } from '../../providers/canonical/video-size.js';

/** OpenAI's own default; what a model does that is not told a shape is for its vendor to say. */
const ASPECT_RATIO_DEFAULT = '16:9';
const STATUSES = {
  queued: 'queued',
  processing: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  // OpenAI has no word for it, and its SDKs would wait for ever on another one.
  cancelled: 'failed',
} as const;
const CANCELLED: JobError = { code: 'cancelled', message: 'The video was cancelled.' };

/** A job as OpenAI's video API shows it (`openai-node`, `src/resources/videos.ts`). */
export interface VideoObject {
  readonly id: string;
  readonly object: 'video';
  readonly status: 'queued' | 'in_progress' | 'completed' | 'failed';
  readonly progress: number;
  readonly model: string;
  readonly prompt: string;
  readonly seconds: string;
  readonly size: string;
  /** Unix times in seconds. */
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly expires_at: number | null;
  readonly error: JobError | null;
  readonly remixed_from_video_id: null;
}

/** The digits of a job's id from a video's; undefined for what can be none. */
export function fromVideoId(text: string): string | undefined {
  return /^video_([0-9a-f]{32})$/.exec(text)?.[1];
}

/** A job's id as OpenAI's video API shows it. */
export function toVideoId(id: string): string {
  return `video_${id}`;
}

/** A video job in OpenAI's shape. */
export function toVideoObject(job: Job): VideoObject {
  const offer = job.offers[job.offer];
  const status = statusOf(job.state);
  return {
    id: toVideoId(job.id),
    object: 'video',
    status: STATUSES[status],
    progress: job.progress,
    model: job.model,
    prompt: job.request.prompt,
    seconds: String(offer?.durationSeconds ?? job.request.durationSeconds ?? 0),
    size: job.request.size ?? sizeOf(offer?.resolution ?? '', job.request.aspectRatio ?? ASPECT_RATIO_DEFAULT),
    created_at: toSeconds(job.createdAt),
    completed_at: job.finishedAt === null ? null : toSeconds(job.finishedAt),
    expires_at: job.resultsExpireAt === null ? null : toSeconds(job.resultsExpireAt),
    error: status === 'cancelled' ? CANCELLED : job.error && { code: job.error.code, message: job.error.message },
    remixed_from_video_id: null,
  };
}

/** Width and height; the name of the resolution where there are no numbers in it. */
function sizeOf(resolution: string, aspectRatio: string): string {
  const size = toVideoSize(resolution, aspectRatio);
  return size === undefined ? resolution : `${size.width}x${size.height}`;
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
