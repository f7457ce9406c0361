import { ArgsType, Field, ID, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Count, Credits } from '../graphql/scalars.js';

/** A request that has ended. */
@ObjectType({ description: 'A request that has just ended and is in the books.' })
@Allow('usage:read')
export class FinishedRequest {
  @Field(() => ID, { description: 'The x-request-id: req_ and 32 hex digits.' })
  requestId!: string;

  @Field(() => ID, { description: 'The account that pays.' })
  accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The API key.' })
  keyId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The channel that served it.' })
  @Allow('channels:read')
  channelId!: string | null;

  @Field(() => String, { description: 'Public name of the model.' })
  model!: string;

  @Field(() => String, { description: 'Such as chat/completions.' })
  endpoint!: string;

  @Field(() => String, { description: 'The end user that the customer named; empty without one.' })
  userIdentifier!: string;

  @Field(() => String, { description: 'done, failed, cancelled, and so on; see docs/books.md.' })
  outcome!: string;

  @Field(() => String, { nullable: true, description: 'Code of the error, if it ended with one.' })
  errorCode!: string | null;

  @Field(() => Count, { nullable: true, description: 'Tokens of the prompt.' })
  inputTokens!: number | null;

  @Field(() => Count, { nullable: true, description: 'Tokens of the answer.' })
  outputTokens!: number | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds it took.' })
  durationMs!: number | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds to the first token.' })
  firstTokenMs!: number | null;

  @Field(() => Credits, { description: 'What the account paid.' })
  cost!: bigint;

  @Field(() => Date, { description: 'When it was booked.' })
  finishedAt!: Date;
}

/** Whose events are wanted. */
@ArgsType()
export class FeedArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Only of this account. Members hear of their own only, whatever stands here.',
  })
  accountId?: string | null;
}
