import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { ApiKeyScope } from '../../../keys/api-key-scope.js';
import type { BudgetPeriod } from '../../../quota/set-key-budget.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { Credits } from '../../graphql/scalars.js';
import { RateLimits } from '../rate-limits.type.js';
import { ApiKeyScopeEnum, ApiKeyState, BudgetPeriodEnum } from './api-key.enum.js';

/** A key that programs call the hub with. */
@ObjectType('ApiKey', {
  description: 'A key that programs call the hub with. Its secret is shown when it is made and never again.',
})
@Allow('keys:read')
export class ApiKeyNode {
  @Field(() => ID, { description: 'Its id; it stays the same when the secret is rotated.' })
  id!: string;

  @Field(() => ID, { description: 'Id of the account that pays.' })
  accountId!: string;

  @Field(() => String, { description: 'To know it by.' })
  name!: string;

  @Field(() => String, { description: 'The last four characters of its secret.' })
  last4!: string;

  @Field(() => ApiKeyState, { description: 'Whether it is accepted.' })
  state!: ApiKeyState;

  @Field(() => [ApiKeyScopeEnum], { nullable: true, description: 'What it may be used for; null for everything.' })
  scopes!: ApiKeyScope[] | null;

  @Field(() => [String], { nullable: true, description: 'Models it may use; null for all that its account may.' })
  models!: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Addresses and ranges it may come from; null for any.' })
  ipAllowList!: string[] | null;

  @Field(() => RateLimits, { description: 'How fast it may be used; those of its account count besides.' })
  limits!: RateLimits;

  @Field(() => Boolean, { description: 'Staff set its limits: a customer may lower but not raise them.' })
  areLimitsByStaff!: boolean;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ends; null for never.' })
  expiresAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Until then the secret before the last rotation is accepted as well.',
  })
  previousSecretUntil!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was used last, to about a minute.' })
  lastUsedAt!: Date | null;

  @Field(() => Int, { description: 'Grows with each change; give it with an update.' })
  version!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;
}

/** A page of keys. */
@ObjectType({ description: 'A page of API keys.' })
@Allow('keys:read')
export class ApiKeyConnection extends Connection(ApiKeyNode, 'ApiKey') {}

/** What a key may still spend. */
@ObjectType('KeyBudget', { description: 'What an API key may spend in a period.' })
@Allow('keys:read')
export class KeyBudgetNode {
  @Field(() => BudgetPeriodEnum, { description: 'How long it counts before it begins anew.' })
  period!: BudgetPeriod;

  @Field(() => String, { description: 'The time zone of its days and months, such as "Europe/Berlin".' })
  timeZone!: string;

  @Field(() => Credits, { description: 'How much may be spent in a period.' })
  limit!: bigint;

  @Field(() => Credits, { description: 'Spent in this period.' })
  used!: bigint;

  @Field(() => Credits, { description: 'What running requests hold.' })
  pending!: bigint;

  @Field(() => Credits, { description: 'What is left of it.' })
  remaining!: bigint;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When the next period begins; null for the total.' })
  resetsAt!: Date | null;

  @Field(() => Boolean, { description: 'Staff set it: a customer may lower but not raise or remove it.' })
  isByStaff!: boolean;
}

/** A key with its secret, which is shown this once. */
@ObjectType({ description: 'An API key with its new secret. Keep it now: it is not shown again.' })
@Allow('keys:write')
export class ApiKeyWithSecret {
  @Field(() => ApiKeyNode, { description: 'The key.' })
  apiKey!: ApiKeyNode;

  @Field(() => String, { description: 'What programs send as "Authorization: Bearer ...". Shown this once.' })
  secret!: string;
}
