import { ArgsType, Field, GraphQLISODateTime, ID, InputType, Int } from '@nestjs/graphql';
import type { ApiKeyScope } from '../../../keys/api-key-scope.js';
import type { BudgetPeriod } from '../../../quota/set-key-budget.js';
import { PageArgs } from '../../graphql/connection.js';
import { Credits } from '../../graphql/scalars.js';
import { RateLimitsInput } from '../rate-limits.type.js';
import { ApiKeyScopeEnum, ApiKeyState, BudgetPeriodEnum } from './api-key.enum.js';

/** Which keys are wanted. */
@InputType({ description: 'Which API keys are wanted; what is left out does not matter.' })
export class ApiKeyFilter {
  @Field(() => ID, { nullable: true, description: 'Those of this account.' })
  accountId?: string | null;

  @Field(() => ApiKeyState, { nullable: true, description: 'Those in this state.' })
  state?: ApiKeyState | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Those whose name contains this text, in any case of letters, or whose secret ends in it (four characters).',
  })
  search?: string | null;
}

/** Arguments of the list of keys. */
@ArgsType()
export class ApiKeysArgs extends PageArgs {
  @Field(() => ApiKeyFilter, { nullable: true, description: 'Which keys are wanted.' })
  filter?: ApiKeyFilter | null;
}

/** A budget of a new key. */
@InputType({ description: 'What a new API key may spend in a period.' })
export class NewBudgetInput {
  @Field(() => BudgetPeriodEnum, { description: 'How long it counts before it begins anew.' })
  period!: BudgetPeriod;

  @Field(() => Credits, { description: 'How much may be spent in a period; at least 0.' })
  limit!: bigint;

  @Field(() => String, { nullable: true, description: 'The time zone of its days and months; without it UTC.' })
  timeZone?: string | null;
}

/** A new key. */
@InputType({ description: 'A new API key.' })
export class CreateApiKeyInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The account that pays. Staff name it; for customers it is their own.',
  })
  accountId?: string | null;

  @Field(() => String, { description: 'To know it by: 1 to 200 characters.' })
  name!: string;

  @Field(() => [ApiKeyScopeEnum], { nullable: true, description: 'What it may be used for; null for everything.' })
  scopes?: ApiKeyScope[] | null;

  @Field(() => [String], { nullable: true, description: 'Models it may use; null for all that its account may.' })
  models?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Addresses and ranges it may come from, such as "203.0.113.7" or "10.0.0.0/8"; null for any.',
  })
  ipAllowList?: string[] | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ends, in the future; null for never.' })
  expiresAt?: Date | null;

  @Field(() => RateLimitsInput, { nullable: true, description: 'How fast it may be used.' })
  limits?: RateLimitsInput | null;

  @Field(() => [NewBudgetInput], { nullable: true, description: 'What it may spend, at most once per period.' })
  budgets?: NewBudgetInput[] | null;
}

/** A change of a key. */
@InputType({ description: 'A change of an API key. What is left out stays as it is.' })
export class UpdateApiKeyInput {
  @Field(() => ID, { description: 'Which key.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'A new name.' })
  name?: string | null;

  @Field(() => [ApiKeyScopeEnum], { nullable: true, description: 'What it may be used for; null for everything.' })
  scopes?: ApiKeyScope[] | null;

  @Field(() => [String], { nullable: true, description: 'Models it may use; null for all that its account may.' })
  models?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Addresses and ranges it may come from; null for any.' })
  ipAllowList?: string[] | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ends, in the future; null for never.' })
  expiresAt?: Date | null;

  @Field(() => RateLimitsInput, {
    nullable: true,
    description: 'Other limits. What staff has set a customer may lower only.',
  })
  limits?: RateLimitsInput | null;
}

/** A key whose secret is replaced. */
@InputType({ description: 'An API key whose secret is replaced.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: 'Which key.' })
  id!: string;

  @Field(() => Int, {
    defaultValue: 0,
    description: 'For how many minutes the old secret is accepted as well, up to 1440; 0 ends it at once.',
  })
  graceMinutes: number = 0;
}

/** A key to be revoked. */
@InputType({ description: 'An API key to be revoked.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Which key.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log: up to 500 characters.' })
  reason?: string | null;
}

/** A budget to be set. */
@InputType({
  description: 'What an API key may spend in a period from now on. What was spent in the period stays counted.',
})
export class SetKeyBudgetInput {
  @Field(() => ID, { description: 'Which key.' })
  keyId!: string;

  @Field(() => BudgetPeriodEnum, { description: 'Which of its budgets.' })
  period!: BudgetPeriod;

  @Field(() => Credits, { description: 'How much may be spent in a period; at least 0.' })
  limit!: bigint;

  @Field(() => String, {
    nullable: true,
    description: 'The time zone of its days and months; without it the one it has, or UTC.',
  })
  timeZone?: string | null;
}

/** A budget to be removed. */
@InputType({ description: 'A budget of an API key to be removed.' })
export class RemoveKeyBudgetInput {
  @Field(() => ID, { description: 'Which key.' })
  keyId!: string;

  @Field(() => BudgetPeriodEnum, { description: 'Which of its budgets.' })
  period!: BudgetPeriod;
}
