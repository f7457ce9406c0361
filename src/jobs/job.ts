import type { NanoCredits } from '../common/money.js';
import type { TaskOutput, TaskRef, TaskUsage } from '../providers/canonical/video.js';

/** What a job makes. */
export type JobKind = 'video' | 'image';

/** The states of a job as the hub keeps them; see docs/video.md. */
export const JOB_STATES = [
  'queued',
  'submitting',
  'unknown',
  'accepted',
  'processing',
  'fetching',
  'succeeded',
  'failed',
  'cancelled',
] as const;

export type JobState = (typeof JOB_STATES)[number];

/** The states of a job as callers see them. */
export type JobStatus = 'queued' | 'processing' | 'succeeded' | 'failed' | 'cancelled';

/** A picture of a request: at an address, or in the table `job_input` under a name. */
export type JobInput =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'stored'; readonly name: 'image' | 'lastFrame' };

/** What a caller asked for, as it is stored with its job. What the caller left open is left open here. */
export interface JobRequest {
  readonly prompt: string;
  readonly image?: JobInput;
  readonly lastFrame?: JobInput;
  readonly negativePrompt?: string;
  /** Whole seconds. */
  readonly durationSeconds?: number;
  readonly aspectRatio?: string;
  /** Lower case, such as `720p`. */
  readonly resolution?: string;
  readonly hasAudio?: boolean;
  readonly seed?: number;
  /** How many videos or pictures. */
  readonly count: number;
  /** `providerOptions` of the caller. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of pictures, such as `1024x1024`. */
  readonly size?: string;
  /** Of pictures, such as `hd`. */
  readonly quality?: string;
}

/**
 * One way to carry a job out: a channel and its model, with everything that is priced fixed when the job was taken on. A later
 * change of prices or defaults does not touch it.
 */
export interface JobOffer {
  readonly channelId: string;
  /** Name of the channel, for the record. */
  readonly channel: string;
  readonly provider: string;
  /** Public name. */
  readonly model: string;
  readonly upstreamModel: string;
  readonly priceVersionId: string;
  readonly purchaseVersionId: string | null;
  /** 0 for pictures. */
  readonly durationSeconds: number;
  /** '' for pictures. */
  readonly resolution: string;
  readonly hasAudio: boolean;
  /** Tokens that the upstream will count, where it bills by them. */
  readonly outputTokens?: number;
  readonly deadlineMs: number;
}

/** A success at the upstream whose results are being fetched. */
export interface JobOutcome {
  readonly outputs: readonly TaskOutput[];
  readonly usage: TaskUsage;
}

/** A result of a job. */
export interface JobOutput {
  /** Counts from 0. */
  readonly place: number;
  /** In our storage; null when {@link upstreamUrl} is handed out instead. */
  readonly storageKey: string | null;
  readonly upstreamUrl: string | null;
  readonly contentType: string;
  readonly bytes: number | null;
}

/** Why a job failed, fit for callers. */
export interface JobError {
  /** Such as `content_policy_violation`. */
  readonly code: string;
  readonly message: string;
}

/** A job as it is stored. */
export interface Job {
  /** 32 hex digits; also the id of its hold. */
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly accountId: string;
  readonly keyId: string | null;
  /** Such as `video/submit`. */
  readonly endpoint: string;
  /** Public name of the model that serves it. */
  readonly model: string;
  readonly provider: string;
  readonly request: JobRequest;
  /** In the order in which they are tried. */
  readonly offers: readonly JobOffer[];
  /** The one under way, counted from 0. */
  readonly offer: number;
  /** Offers that are out of the question, counted from 0. */
  readonly refused: readonly number[];
  /** Submissions so far. */
  readonly attempt: number;
  readonly channelId: string | null;
  readonly taskRef: TaskRef | null;
  readonly outcome: JobOutcome | null;
  /** Percent. */
  readonly progress: number;
  readonly held: NanoCredits;
  readonly multiplierMillionths: bigint;
  readonly userIdentifier: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly webhookUrl: string | null;
  /** What it cost, once it is over. */
  readonly cost: NanoCredits | null;
  readonly error: JobError | null;
  readonly isCancelRequested: boolean;
  /** Faults of the hub itself in a row. */
  readonly failures: number;
  /** How often the upstream was asked. */
  readonly looks: number;
  /** Grows with every change a caller can see. */
  readonly version: number;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly acceptedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly deadlineAt: Date;
  readonly resultsExpireAt: Date | null;
  readonly resultsDeletedAt: Date | null;
}

/** What callers see of a state. */
export function statusOf(state: JobState): JobStatus {
  switch (state) {
    case 'queued':
    case 'submitting':
    case 'unknown':
    case 'accepted':
      return 'queued';
    case 'processing':
    case 'fetching':
      return 'processing';
    default:
      return state;
  }
}

/** True when nothing can change a job any more. */
export function isOver(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** A job's id as callers see it. */
export function toPublicJobId(id: string): string {
  return `job_${id}`;
}

/** The id of a job from what a caller sent; undefined when it cannot be one. */
export function fromPublicJobId(text: string): string | undefined {
  return /^job_([0-9a-f]{32})$/.exec(text)?.[1];
}
