import type { TaskAnswer, TaskCall, TaskRef } from '../providers/canonical/video.js';
import type { LostSubmission, Target, TaskApi, TaskOperation } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { imageWayOf } from '../routing/image-way.js';
import { toImageTask } from './check-image.js';
import { type JobExtras, toVideoRequest } from './check-video.js';
import type { Job, JobKind, JobOffer } from './job.js';

/** A job as one task API takes it. */
export interface JobTask {
  readonly operation: TaskApi;
  /** Files that the vendor wants to have first; none is usual. Throws as {@link toSubmit} does. */
  toUploads(): readonly TaskCall[];
  /** What the vendor calls such a file. Throws ProviderError when it did not take it. */
  fromUpload(answer: TaskAnswer): string;
  /**
   * Throws ProviderError for what the vendor cannot do.
   * @param uploads what the files are called.
   */
  toSubmit(uploads?: readonly string[]): TaskCall;
  fromSubmit(answer: TaskAnswer): TaskRef;
  /** Finds the task when its submission was not answered; undefined where the vendor has no way to. */
  readonly lookup?: TaskLookup;
}

/** The search for one lost task. */
export interface TaskLookup {
  toCall(): TaskCall;
  fromAnswer(answer: TaskAnswer, isKnown: (ref: TaskRef) => boolean): TaskRef | 'absent' | 'unsure';
  readonly settleMs?: number;
}

/** The task API by which a candidate makes things of a kind; undefined for pictures that it makes at once. */
export function tasksOf(kind: JobKind, candidate: Pick<Candidate, 'provider' | 'target'>): TaskApi | undefined {
  if (kind === 'video') return candidate.provider.video;
  const way = imageWayOf(candidate);
  return way?.kind === 'task' ? way.operation : undefined;
}

/**
 * What a job is at a candidate.
 * @param sentAtMs when it was, or will be, submitted, Unix time in milliseconds.
 * @returns undefined for pictures that the candidate makes at once.
 * @throws Error when the candidate does not make such things.
 */
export function toJobTask(
  { kind, request }: Pick<Job, 'kind' | 'request'>,
  offer: JobOffer,
  candidate: Pick<Candidate, 'provider' | 'target'>,
  extras: JobExtras,
  sentAtMs: number,
): JobTask | undefined {
  const { provider, target } = candidate;
  if (kind === 'video') {
    if (provider.video === undefined) throw new Error(`The provider "${provider.id}" makes no videos.`);
    return bind(provider.video, toVideoRequest(request, offer, extras), target, sentAtMs);
  }
  const way = imageWayOf(candidate);
  if (way === undefined) throw new Error(`The provider "${provider.id}" makes no pictures.`);
  return way.kind === 'task' ? bind(way.operation, toImageTask(request, extras), target, sentAtMs) : undefined;
}

/** An operation and one request of it. */
export function bind<Request extends Kept, Kept>(
  operation: TaskOperation<Request, Kept>,
  request: Request,
  target: Target,
  sentAtMs: number,
): JobTask {
  const { uploads } = operation;
  return {
    operation,
    toUploads: () => uploads?.toCalls(request, target) ?? [],
    fromUpload: (answer) => {
      if (uploads === undefined) throw new Error('The vendor takes no files.');
      return uploads.fromAnswer(answer);
    },
    toSubmit: (names) => operation.toSubmit(request, target, names),
    fromSubmit: (answer) => operation.fromSubmit(answer, request, target),
    lookup: lookupOf(operation, { request, sentAtMs }, target),
  };
}

/** The search for a lost submission; undefined where the vendor has no way to. */
export function lookupOf<Request, Kept>(
  { lookup }: Pick<TaskOperation<Request, Kept>, 'lookup'>,
  lost: LostSubmission<Kept>,
  target: Target,
): TaskLookup | undefined {
  return (
    lookup && {
      toCall: () => lookup.toCall(lost, target),
      fromAnswer: (answer, isKnown) => lookup.fromAnswer(answer, lost, isKnown, target),
      settleMs: lookup.settleMs,
    }
  );
}
