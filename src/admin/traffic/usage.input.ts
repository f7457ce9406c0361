import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { USAGE_GROUPS_MAX } from '../../reporting/read-usage-groups.js';
import type { UsageOrder } from '../../reporting/usage-figures.js';
import type { UsageDimension } from '../../reporting/usage-source.js';
import { UsageDimensionEnum, UsageOrderEnum } from './usage.type.js';

const GROUPS_STANDARD = 10;

/** Which usage counts. */
@InputType({ description: 'Which usage counts; all parts must hold.' })
export class UsageFilter {
  @Field(() => Date, { nullable: true, description: 'From this moment on; without it 24 hours before `to`.' })
  from?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'Before this moment; without it now. At most 366 days after `from`.',
  })
  to?: Date | null;

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
}

/** How usage is grouped. */
@ArgsType()
export class UsageGroupsArgs {
  @Field(() => UsageDimensionEnum, { description: 'What is grouped by.' })
  by!: UsageDimension;

  @Field(() => UsageOrderEnum, {
    defaultValue: UsageOrderEnum.COST,
    description: 'Which groups come first. End users of all accounts can be ordered by cost or requests only.',
  })
  orderBy: UsageOrder = UsageOrderEnum.COST;

  @Field(() => Int, {
    defaultValue: GROUPS_STANDARD,
    description: `How many groups, from 1 to ${USAGE_GROUPS_MAX}; the others are summed up as one.`,
  })
  limit: number = GROUPS_STANDARD;
}
