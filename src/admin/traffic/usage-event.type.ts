import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { AttemptRow } from '../../reporting/list-usage-events.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection } from '../graphql/connection.js';
import { Count, Credits } from '../graphql/scalars.js';
import { toRequestId } from './traffic-scope.js';

/** One attempt at an upstream. */
@ObjectType({
  description: 'One attempt at an upstream, or a later correction of a request; the costs of a request add up.',
})
@Allow('usage:read')
export class UsageEvent {
  @Field(() => ID, { description: 'The request: req_ and 32 hex digits.' })
  requestId!: string;

  @Field(() => Int, { description: 'Counts from 1 within the request.' })
  attempt!: number;

  @Field(() => Boolean, { description: 'The request ended with this one.' })
  isFinal!: boolean;

  @Field(() => ID, { description: 'The account that pays.' })
  accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The API key.' })
  keyId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The channel; null when none was reached.' })
  @Allow('channels:read')
  channelId!: string | null;

  @Field(() => String, { description: 'Public name of the model.' })
  model!: string;

  @Field(() => String, { nullable: true, description: 'What the upstream calls the model.' })
  @Allow('channels:read')
  upstreamModel!: string | null;

  @Field(() => String, { description: 'Such as chat/completions.' })
  endpoint!: string;

  @Field(() => String, { description: 'The end user that the customer named; empty without one.' })
  userIdentifier!: string;

  @Field(() => String, { description: 'How it ended: done, failed, client_gone and so on; see docs/books.md.' })
  outcome!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Why it did not end well. Of attempts that others followed only staff is told.',
  })
  errorCode!: string | null;

  @Field(() => Boolean, { description: 'The hub counted the tokens itself, since the upstream did not say.' })
  isEstimated!: boolean;

  @Field(() => Count, { nullable: true, description: 'Tokens of the prompt.' })
  inputTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Those of them that were read from a cache.' })
  cachedInputTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Those of them that were written to a cache.' })
  cacheWriteTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Tokens of the answer.' })
  outputTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Those of them that were spent on reasoning.' })
  reasoningTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Images made.' })
  images!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds of video made.' })
  videoMs!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds of sound listened to.' })
  audioMs!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Characters spoken.' })
  characters!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Searches of a reranking.' })
  searches!: bigint | null;

  @Field(() => String, {
    nullable: true,
    description: 'Service tier by whose rates it was charged, such as `priority`; null for the usual one.',
  })
  serviceTier!: string | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds it took.' })
  durationMs!: number | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds to the first token.' })
  firstTokenMs!: number | null;

  @Field(() => Int, { nullable: true, description: 'HTTP status of the upstream; null when it gave no answer.' })
  @Allow('channels:read')
  upstreamStatus!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'It went on with an answer that had broken off at another channel; null for what is older than this field.',
  })
  @Allow('channels:read')
  isResume!: boolean | null;

  @Field(() => ID, { nullable: true, description: 'The price by which the account paid.' })
  @Allow('prices:read')
  priceVersionId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The purchase price by which the hub paid.' })
  @Allow('costs:read')
  purchaseVersionId!: string | null;

  @Field(() => Credits, { description: 'What the account paid; negative where a correction gave back.' })
  cost!: bigint;

  @Field(() => Credits, { description: 'What the account could not pay.' })
  loss!: bigint;

  @Field(() => Credits, { nullable: true, description: 'What the hub paid, where a purchase price is known.' })
  @Allow('costs:read')
  purchaseCost!: bigint | null;

  @Field(() => Date, { description: 'When it was booked.' })
  createdAt!: Date;
}

/** One page of usage events. */
@ObjectType({ description: 'One page of usage events.' })
@Allow('usage:read')
export class UsageEventConnection extends Connection(UsageEvent, 'UsageEvent') {}

/** An attempt as the schema shows it. @param isStaff may know why other upstreams refused. */
export function toUsageEvent({ holdId, ...row }: AttemptRow, isStaff: boolean): UsageEvent {
  const errorCode = row.isFinal || isStaff ? row.errorCode : null;
  return Object.assign(new UsageEvent(), row, { requestId: toRequestId(holdId), errorCode });
}
