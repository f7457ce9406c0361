import { ArgsType, Field, GraphQLISODateTime, ID, InputType, Int } from '@nestjs/graphql';
import { CODES_CREATED_MAX } from '../../../redemption/code-store.js';
import { PageArgs } from '../../graphql/connection.js';
import { Credits } from '../../graphql/scalars.js';
import { RedemptionCodeState } from './code.enum.js';

/** Which batches are wanted. */
@InputType({ description: 'Which batches are wanted; what is left out does not matter.' })
export class RedemptionBatchFilter {
  @Field(() => String, { nullable: true, description: 'Those whose name contains this text, in any case of letters.' })
  search?: string | null;
}

/** Arguments of the list of batches. */
@ArgsType()
export class RedemptionBatchesArgs extends PageArgs {
  @Field(() => RedemptionBatchFilter, { nullable: true, description: 'Which batches are wanted.' })
  filter?: RedemptionBatchFilter | null;
}

/** Which codes are wanted. */
@InputType({ description: 'Which redemption codes are wanted; what is left out does not matter.' })
export class RedemptionCodeFilter {
  @Field(() => ID, { nullable: true, description: 'Those of this batch.' })
  batchId?: string | null;

  @Field(() => RedemptionCodeState, {
    nullable: true,
    description: 'Those in this state. All but `DISABLED` need `batchId` or `last4`.',
  })
  state?: RedemptionCodeState | null;

  @Field(() => String, { nullable: true, description: 'Those that end in these four characters.' })
  last4?: string | null;
}

/** Arguments of the list of codes. */
@ArgsType()
export class RedemptionCodesArgs extends PageArgs {
  @Field(() => RedemptionCodeFilter, { nullable: true, description: 'Which codes are wanted.' })
  filter?: RedemptionCodeFilter | null;
}

/** Codes to be made. */
@InputType({ description: 'Redemption codes to be made.' })
export class CreateRedemptionBatchInput {
  @Field(() => String, { description: 'To know them by: 1 to 128 characters.' })
  name!: string;

  @Field(() => Int, { description: `How many, from 1 to ${CODES_CREATED_MAX}.` })
  count!: number;

  @Field(() => Credits, { description: 'What each is worth; more than 0.' })
  amount!: bigint;

  @Field(() => Int, { defaultValue: 1, description: 'How many accounts may redeem each.' })
  maxUses: number = 1;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When they end, in the future; null for never.' })
  expiresAt?: Date | null;
}

/** Codes to be disabled. */
@InputType({ description: 'Redemption codes to be disabled: a whole batch, or one of them.' })
export class DisableCodesInput {
  @Field(() => ID, { nullable: true, description: 'All codes of this batch. Give this or `codeId`.' })
  batchId?: string | null;

  @Field(() => ID, { nullable: true, description: 'This code. Give this or `batchId`.' })
  codeId?: string | null;
}

/** A code to be redeemed. */
@InputType({ description: 'A redemption code, and who redeems it.' })
export class RedeemCodeInput {
  @Field(() => String, { description: 'As it was typed; case, dashes and spaces do not matter.' })
  code!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The account that gets its worth. Staff name it; for customers it is their own.',
  })
  accountId?: string | null;
}
