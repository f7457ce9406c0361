import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import type { HoldState } from '../../reporting/list-requests.js';
import { PageArgs } from '../graphql/connection.js';
import { Credits } from '../graphql/scalars.js';
import { HoldStateEnum, type RequestKind, RequestKindEnum } from './request.type.js';
import { type TimeOrder, TimeOrderEnum } from './time-order.enum.js';

/** What requests and their attempts can be filtered by. */
@InputType({ isAbstract: true })
abstract class TrafficFilter {
  @Field(() => ID, { nullable: true, description: 'Only of this account; members have the own one only.' })
  accountId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only with this API key.' })
  keyId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only on this channel; staff only.' })
  channelId?: string | null;

  @Field(() => String, { nullable: true, description: 'Only of this model, by its public name.' })
  model?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only of this end user. It is one of an account, so staff gives `accountId` as well.',
  })
  userIdentifier?: string | null;

  @Field(() => String, { nullable: true, description: 'Only with this end, such as done or failed.' })
  outcome?: string | null;

  @Field(() => Date, { nullable: true, description: 'Begun at this moment or later.' })
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Begun before this moment.' })
  to?: Date | null;
}

/** Which requests are wanted. */
@InputType({ description: 'Which requests are wanted; all parts must hold.' })
export class RequestsFilterInput extends TrafficFilter {
  @Field(() => HoldStateEnum, { nullable: true, description: 'Only with money in this state.' })
  state?: HoldState | null;

  @Field(() => RequestKindEnum, { nullable: true, description: 'Only of this kind.' })
  kind?: RequestKind | null;

  @Field(() => Credits, { nullable: true, description: 'Only those that cost so much or more.' })
  costMin?: bigint | null;

  @Field(() => Credits, { nullable: true, description: 'Only those that cost so much or less.' })
  costMax?: bigint | null;
}

/** Which usage events are wanted. */
@InputType({ description: 'Which usage events are wanted; all parts must hold.' })
export class UsageEventsFilterInput extends TrafficFilter {
  @Field(() => String, { nullable: true, description: 'Only with this error; staff only.' })
  errorCode?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only those that requests ended with, or only the others.' })
  isFinal?: boolean | null;
}

/** A page of requests, or of their holds. */
@ArgsType()
export class RequestsArgs extends PageArgs {
  @Field(() => RequestsFilterInput, { nullable: true, description: 'Which ones are wanted.' })
  filter?: RequestsFilterInput | null;

  @Field(() => TimeOrderEnum, { nullable: true, description: 'By when they began; the newest first without it.' })
  orderBy?: TimeOrder | null;
}

/** A page of usage events. */
@ArgsType()
export class UsageEventsArgs extends PageArgs {
  @Field(() => UsageEventsFilterInput, { nullable: true, description: 'Which ones are wanted.' })
  filter?: UsageEventsFilterInput | null;

  @Field(() => TimeOrderEnum, {
    nullable: true,
    description: 'By when their requests began; the newest first without it.',
  })
  orderBy?: TimeOrder | null;
}
