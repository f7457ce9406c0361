import { createUnionType, Field, ID, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Credits } from '../graphql/scalars.js';
import { VideoJob, WebhookMessage } from './video-job.type.js';

/** Something was begun for a job. */
@ObjectType({ description: 'It is under way; the job tells what comes of it.' })
@Allow('jobs:read')
export class JobAccepted {
  @Field(() => VideoJob, { description: 'The job as it is now.' })
  job!: VideoJob;
}

/** Nothing was done for a job. */
@ObjectType({ description: 'Nothing was done: the job is not in a state for this.' })
@Allow('jobs:read')
export class JobRefused {
  @Field(() => String, { description: 'Stable code, such as job_finished.' })
  code!: string;

  @Field(() => String, { description: 'Why, for people, and what can be done instead.' })
  message!: string;
}

/** A refund was posted. */
@ObjectType({ description: 'The money was given back.' })
@Allow('jobs:read')
export class JobRefunded {
  @Field(() => VideoJob, { description: 'The job.' })
  job!: VideoJob;

  @Field(() => Credits, { description: 'How much was given back.' })
  amount!: bigint;

  @Field(() => ID, { description: 'The ledger entry.' })
  entryId!: string;
}

/** Messages of a job were made due. */
@ObjectType({ description: 'The message is sent again now, and for another 24 hours until it is delivered.' })
@Allow('jobs:read')
export class WebhookRedelivery {
  @Field(() => [WebhookMessage], { description: 'The messages of the job.' })
  messages!: WebhookMessage[];
}

export const JobActionResult = createUnionType({
  name: 'JobActionResult',
  description: 'What came of asking something of a job.',
  types: () => [JobAccepted, JobRefused] as const,
});

export const RefundJobResult = createUnionType({
  name: 'RefundJobResult',
  description: 'What came of a refund.',
  types: () => [JobRefunded, JobRefused] as const,
});

export const RedeliverWebhookResult = createUnionType({
  name: 'RedeliverWebhookResult',
  description: 'What came of sending a message again.',
  types: () => [WebhookRedelivery, JobRefused] as const,
});

/** The result when nothing was done. */
export function jobRefused(code: string, message: string): JobRefused {
  return Object.assign(new JobRefused(), { code, message });
}
