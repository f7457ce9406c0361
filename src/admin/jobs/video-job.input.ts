import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import type { JobKind, JobStatus } from '../../jobs/job.js';
import { PageArgs } from '../graphql/connection.js';
import { Credits } from '../graphql/scalars.js';
import { JobKindEnum, JobStatusEnum } from './video-job.type.js';

/** Which jobs are wanted. */
@InputType({ description: 'Which jobs are wanted; all parts must hold.' })
export class VideoJobFilter {
  @Field(() => JobKindEnum, { nullable: true, description: 'Only of this kind.' })
  kind?: JobKind;

  @Field(() => [JobStatusEnum], { nullable: true, description: 'Only with one of these.' })
  statuses?: JobStatus[];

  @Field(() => ID, { nullable: true, description: 'Only of this account.' })
  accountId?: string;

  @Field(() => ID, { nullable: true, description: 'Only on this channel; staff only.' })
  channelId?: string;

  @Field(() => String, { nullable: true, description: 'Only of this model.' })
  model?: string;

  @Field(() => String, { nullable: true, description: 'Only of this end user.' })
  userIdentifier?: string;

  @Field(() => Date, { nullable: true, description: 'Taken on at this moment or later.' })
  from?: Date;

  @Field(() => Date, { nullable: true, description: 'Taken on before this moment.' })
  to?: Date;
}

/** A page of jobs. */
@ArgsType()
export class VideoJobsArgs extends PageArgs {
  @Field(() => VideoJobFilter, { nullable: true, description: 'Which jobs are wanted.' })
  filter?: VideoJobFilter | null;
}

/** Money back for a job that succeeded. */
@InputType({ description: 'Money back for a job that succeeded.' })
export class RefundJobInput {
  @Field(() => ID, { description: 'The job.' })
  id!: string;

  @Field(() => Credits, { nullable: true, description: 'How much; without it all that it cost.' })
  amount?: bigint | null;

  @Field(() => String, { description: 'Why, for the audit log and the ledger; 1 to 500 characters.' })
  reason!: string;
}
