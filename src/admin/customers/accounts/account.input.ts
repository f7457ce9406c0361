import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import type { AccountStatus } from '../../../quota/account-status.js';
import { PageArgs } from '../../graphql/connection.js';
import { Credits } from '../../graphql/scalars.js';
import { RateLimitsInput } from '../rate-limits.type.js';
import { AccountOrder, AccountStatusEnum } from './account.enum.js';

/** Which accounts are wanted. */
@InputType({ description: 'Which accounts are wanted; what is left out does not matter.' })
export class AccountFilter {
  @Field(() => AccountStatusEnum, { nullable: true, description: 'Those with this status.' })
  status?: AccountStatus | null;

  @Field(() => ID, { nullable: true, description: 'Those in this group.' })
  groupId?: string | null;

  @Field(() => String, { nullable: true, description: 'Those whose name contains this text, in any case of letters.' })
  search?: string | null;
}

/** Arguments of the list of accounts. */
@ArgsType()
export class AccountsArgs extends PageArgs {
  @Field(() => AccountFilter, { nullable: true, description: 'Which accounts are wanted.' })
  filter?: AccountFilter | null;

  @Field(() => AccountOrder, { defaultValue: AccountOrder.NEWEST, description: 'In which order.' })
  orderBy: AccountOrder = AccountOrder.NEWEST;
}

/** A new account. */
@InputType({ description: 'A new account.' })
export class CreateAccountInput {
  @Field(() => String, { description: 'Its name: 1 to 200 characters, not a number, and no other account has it.' })
  name!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Its group; without it the group "default". Another one needs the permission `groups:write`.',
  })
  groupId?: string | null;

  @Field(() => RateLimitsInput, { nullable: true, description: 'How fast all of its keys together may be used.' })
  limits?: RateLimitsInput | null;

  @Field(() => Credits, { nullable: true, description: 'Raise an alert when less than this is left.' })
  lowBalanceAlert?: bigint | null;

  @Field(() => Credits, { nullable: true, description: 'Raise an alert when more than this is used in a day.' })
  dailySpendAlert?: bigint | null;
}

/** A change of an account. */
@InputType({ description: 'A change of an account. What is left out stays as it is.' })
export class UpdateAccountInput {
  @Field(() => ID, { description: 'Which account.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'A new name.' })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: 'Another group; needs the permission `groups:write`.' })
  groupId?: string | null;

  @Field(() => RateLimitsInput, { nullable: true, description: 'Other limits.' })
  limits?: RateLimitsInput | null;

  @Field(() => Credits, { nullable: true, description: 'Alert when less than this is left; null for no such alert.' })
  lowBalanceAlert?: bigint | null;

  @Field(() => Credits, {
    nullable: true,
    description: 'Alert when a day takes more than this; null for no such alert.',
  })
  dailySpendAlert?: bigint | null;
}

/** An account whose status is changed. */
@InputType({ description: 'An account whose status is changed, and why.' })
export class AccountStatusInput {
  @Field(() => ID, { description: 'Which account.' })
  id!: string;

  @Field(() => String, { description: 'Why, for the audit log: 1 to 500 characters.' })
  reason!: string;
}
