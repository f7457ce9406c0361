import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { JobKind, JobState, JobStatus } from '../../jobs/job.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection } from '../graphql/connection.js';
import { Count, Credits, Json } from '../graphql/scalars.js';

/** {@link JobStatus} in the schema. */
export const JobStatusEnum = {
  QUEUED: 'queued',
  PROCESSING: 'processing',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const satisfies Readonly<Record<string, JobStatus>>;

registerEnumType(JobStatusEnum, {
  name: 'JobStatus',
  description: 'Where a job stands, as its customer sees it.',
  valuesMap: {
    QUEUED: { description: 'It waits, here or at its provider.' },
    PROCESSING: { description: 'Its provider works on it, or its result is being fetched.' },
    SUCCEEDED: { description: 'Its results are there; it was charged.' },
    FAILED: { description: 'It has no result; nothing was charged.' },
    CANCELLED: { description: 'It was called off; nothing was charged.' },
  },
});

/** {@link JobKind} in the schema. */
export const JobKindEnum = { VIDEO: 'video', IMAGE: 'image' } as const satisfies Readonly<Record<string, JobKind>>;

registerEnumType(JobKindEnum, {
  name: 'JobKind',
  description: 'What a job makes.',
  valuesMap: { VIDEO: { description: 'Videos.' }, IMAGE: { description: 'Pictures, in the background.' } },
});

/** One call of an upstream. */
@ObjectType({ description: 'One submission of a job to a provider, or a channel that was passed over.' })
@Allow('costs:read')
export class JobAttempt {
  @Field(() => Int, { description: 'Counts from 1.' })
  number!: number;

  @Field(() => String, { description: 'Name of the channel.' })
  channel!: string;

  @Field(() => String, { description: 'What the provider calls the model.' })
  upstreamModel!: string;

  @Field(() => String, {
    description:
      'What became of it: sent, accepted, refused, passed_over, unknown (nothing told) or absent (not there when looked up).',
  })
  outcome!: string;

  @Field(() => String, { nullable: true, description: 'Code of the refusal.' })
  errorCode!: string | null;

  @Field(() => String, { nullable: true, description: 'What the provider said, for operators.' })
  errorDetail!: string | null;

  @Field(() => Date, { description: 'When it was sent.' })
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When its outcome was known.' })
  finishedAt!: Date | null;
}

/** A result of a job. */
@ObjectType({ description: 'A result of a job.' })
@Allow('jobs:read')
export class JobResult {
  @Field(() => Int, { description: 'Counts from 0.' })
  place!: number;

  @Field(() => String, { description: 'Media type, such as video/mp4.' })
  contentType!: string;

  @Field(() => Count, { nullable: true, description: 'Size in bytes, where the hub keeps the file.' })
  bytes!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A fresh link that works without a key; null when the file is not kept any more, and for staff who may not read prompts.',
  })
  url!: string | null;
}

/** A message to the customer. */
@ObjectType({ description: 'A message to the customer that a job is over.' })
@Allow('jobs:read')
export class WebhookMessage {
  @Field(() => ID, { description: 'The webhook-id, the same in every attempt.' })
  id!: string;

  @Field(() => String, { description: 'pending, delivered or failed.' })
  status!: string;

  @Field(() => Int, { description: 'Attempts since it was made, or made due again.' })
  attempts!: number;

  @Field(() => Int, { nullable: true, description: 'HTTP status of the last attempt, if there was an answer.' })
  lastStatus!: number | null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt failed.' })
  lastError!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it is tried next; null when it is delivered or given up.' })
  nextAttemptAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was delivered.' })
  deliveredAt!: Date | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

/** Why a job failed. */
@ObjectType({ description: 'Why a job failed, as its customer sees it.' })
@Allow('jobs:read')
export class JobFailureReason {
  @Field(() => String, { description: 'Stable code, such as content_policy_violation.' })
  code!: string;

  @Field(() => String, { description: 'For people.' })
  message!: string;
}

/** A job. */
@ObjectType({ description: 'A request that takes minutes: a video, or pictures that nobody waits for.' })
@Allow('jobs:read')
export class VideoJob {
  @Field(() => ID, { description: 'As its customer knows it: job_ and 32 hex digits. It is also the id of its hold.' })
  id!: string;

  @Field(() => JobKindEnum, { description: 'What it makes.' })
  kind!: JobKind;

  @Field(() => JobStatusEnum, { description: 'Where it stands.' })
  status!: JobStatus;

  @Field(() => String, {
    description: "The hub's own, finer state, such as submitting, unknown or fetching; see docs/video.md.",
  })
  @Allow('costs:read')
  state!: JobState;

  @Field(() => Int, { description: 'Percent.' })
  progress!: number;

  @Field(() => ID, { description: 'The account that pays.' })
  accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The API key it came with.' })
  keyId!: string | null;

  @Field(() => String, { description: 'The endpoint it came through, such as video/submit.' })
  endpoint!: string;

  @Field(() => String, { description: 'Public name of the model.' })
  model!: string;

  @Field(() => String, { description: 'Provider that serves it.' })
  provider!: string;

  @Field(() => ID, { nullable: true, description: 'The channel it was submitted to.' })
  @Allow('channels:read')
  channelId!: string | null;

  @Field(() => String, { description: 'The end user that the customer named; empty without one.' })
  userIdentifier!: string;

  @Field(() => Json, { nullable: true, description: 'What the customer attached.' })
  metadata!: Readonly<Record<string, string>> | null;

  @Field(() => String, { nullable: true, description: 'What was asked for, in words.' })
  @Allow('capture:read')
  prompt!: string | null;

  @Field(() => Credits, { description: 'What was set aside for it.' })
  held!: bigint;

  @Field(() => Credits, { nullable: true, description: 'What it cost; null until it is over.' })
  cost!: bigint | null;

  @Field(() => JobFailureReason, { nullable: true, description: 'Why it failed.' })
  error!: JobFailureReason | null;

  @Field(() => String, { nullable: true, description: 'More about the failure, for operators.' })
  @Allow('costs:read')
  errorDetail!: string | null;

  @Field(() => Int, { description: 'Submissions so far.' })
  attemptCount!: number;

  @Field(() => Boolean, { description: 'Somebody asked for it to be called off.' })
  isCancelRequested!: boolean;

  @Field(() => Date, { description: 'When it was taken on.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was last submitted.' })
  sentAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When a provider took it.' })
  acceptedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was over.' })
  finishedAt!: Date | null;

  @Field(() => Date, { description: 'When it is given up.' })
  deadlineAt!: Date;
}

/** Jobs of a page. */
@ObjectType({ description: 'A page of jobs.' })
@Allow('jobs:read')
export class VideoJobConnection extends Connection(VideoJob, 'VideoJob') {}
