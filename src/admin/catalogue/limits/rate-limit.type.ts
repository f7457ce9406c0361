import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { LimitScope } from '../../../limits/limit-subject.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../../graphql/connection.js';
import { Count } from '../../graphql/scalars.js';

/** {@link LimitScope} in the schema. */
export const LimitScopeEnum = { ACCOUNT: 'account', KEY: 'key', MODEL: 'model' } as const satisfies Readonly<
  Record<string, LimitScope>
>;

registerEnumType(LimitScopeEnum, {
  name: 'LimitScope',
  description: 'Whom a limit counts.',
  valuesMap: {
    ACCOUNT: { description: 'All keys of an account together.' },
    KEY: { description: 'One API key.' },
    MODEL: { description: 'Everybody who uses one model.' },
  },
});

/** What limits somebody. */
@ObjectType('RateLimit', {
  description: 'What limits an account, a key or a model now, and how much of it is used. Null does not limit.',
})
@Allow('limits:read')
export class RateLimitNode {
  @Field(() => LimitScopeEnum, { description: 'Whom it counts.' })
  scope!: LimitScope;

  @Field(() => ID, { description: 'Id of the account, key or model.' })
  subjectId!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Int, { nullable: true, description: 'Requests per minute.' })
  rpm!: number | null;

  @Field(() => Int, { nullable: true, description: 'Tokens per minute, prompt and answer together.' })
  tpm!: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time.' })
  concurrency!: number | null;

  @Field(() => Boolean, { description: 'At least one of them is its own, and not the default of a setting.' })
  isOwn!: boolean;

  @Field(() => Count, {
    description: 'Requests that the instance that answers has let in during the last minute, where `rpm` limits.',
  })
  requestsUsed!: number;

  @Field(() => Count, { description: 'Tokens that it counts for the last minute, where `tpm` limits.' })
  tokensUsed!: number;

  @Field(() => Int, { description: 'Requests under way in it.' })
  inFlight!: number;
}

/** A page of {@link RateLimitNode}. */
@ObjectType({ description: 'A page of limits.' })
@Allow('limits:read')
export class RateLimitConnection extends Connection(RateLimitNode, 'RateLimit') {}

/** Which limits are wanted. */
@InputType({ description: 'Which limits are wanted.' })
export class RateLimitFilter {
  @Field(() => LimitScopeEnum, { description: 'Of accounts, keys or models.' })
  scope!: LimitScope;

  @Field(() => ID, { nullable: true, description: 'Of this one only.' })
  subjectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of keys of this account only; of no use for models.' })
  accountId?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Only those with a limit of their own.' })
  onlyOwn: boolean = false;
}

/** Arguments of `rateLimits`. */
@ArgsType()
export class RateLimitsArgs extends PageArgs {
  @Field(() => RateLimitFilter, { description: 'Which ones.' })
  filter!: RateLimitFilter;
}
