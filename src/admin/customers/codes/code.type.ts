import { createUnionType, Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { CodeRefusal } from '../../../redemption/use-code.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { Credits } from '../../graphql/scalars.js';
import { AccountBalance } from '../accounts/account.type.js';
import { CodeRefusedReason, RedemptionCodeState } from './code.enum.js';

/** Codes that were made together. */
@ObjectType('RedemptionBatch', { description: 'Redemption codes that were made together.' })
@Allow('codes:read')
export class RedemptionBatchNode {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'To know it by.' })
  name!: string;

  @Field(() => String, { description: 'Who made it, such as "user:7" or "cli".' })
  actor!: string;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;
}

/** A page of batches. */
@ObjectType({ description: 'A page of batches of redemption codes.' })
@Allow('codes:read')
export class RedemptionBatchConnection extends Connection(RedemptionBatchNode, 'RedemptionBatch') {}

/** What the codes of a batch are worth and what became of them. */
@ObjectType({ description: 'What the codes of a batch are worth, and what became of them.' })
@Allow('codes:read')
export class RedemptionBatchSummary {
  @Field(() => Int, { description: 'How many codes there are.' })
  codes!: number;

  @Field(() => Int, { description: 'How many of them were redeemed at least once.' })
  redeemed!: number;

  @Field(() => Int, { description: 'How many of them were disabled.' })
  disabled!: number;

  @Field(() => Credits, { nullable: true, description: 'What each is worth; null when they differ.' })
  amount!: bigint | null;

  @Field(() => Credits, { description: 'What was redeemed in all.' })
  redeemedAmount!: bigint;

  @Field(() => Int, { nullable: true, description: 'How many accounts may redeem each; null when they differ.' })
  maxUses!: number | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When the last of them ends; null for never.' })
  expiresAt!: Date | null;
}

/** A code, without the code itself. */
@ObjectType('RedemptionCode', { description: 'A redemption code. The code itself is not stored.' })
@Allow('codes:read')
export class RedemptionCodeNode {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => ID, { description: 'Id of its batch.' })
  batchId!: string;

  @Field(() => String, { description: 'Its last four characters.' })
  last4!: string;

  @Field(() => RedemptionCodeState, { description: 'Whether it can be redeemed.' })
  state!: RedemptionCodeState;

  @Field(() => Credits, { description: 'What it is worth.' })
  amount!: bigint;

  @Field(() => Int, { description: 'How many accounts have redeemed it.' })
  used!: number;

  @Field(() => Int, { description: 'How many accounts may redeem it.' })
  maxUses!: number;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ends; null for never.' })
  expiresAt!: Date | null;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;
}

/** A page of codes. */
@ObjectType({ description: 'A page of redemption codes.' })
@Allow('codes:read')
export class RedemptionCodeConnection extends Connection(RedemptionCodeNode, 'RedemptionCode') {}

/** A batch that was made, and where its codes can be had. */
@ObjectType({ description: 'A batch that was made, and where its codes can be had for some minutes.' })
@Allow('codes:write')
export class RedemptionBatchCreated {
  @Field(() => RedemptionBatchNode, { description: 'The batch.' })
  batch!: RedemptionBatchNode;

  @Field(() => String, {
    description: 'A CSV file with the codes. Whoever has this address can have them; afterwards nobody can.',
  })
  downloadUrl!: string;

  @Field(() => GraphQLISODateTime, { description: 'Until when they can be had there.' })
  downloadUntil!: Date;
}

/** Codes were disabled. */
@ObjectType({ description: 'Codes were disabled.' })
@Allow('codes:write')
export class CodesDisabled {
  @Field(() => Int, { description: 'How many codes were meant.' })
  found!: number;

  @Field(() => Int, { description: 'How many of them were not disabled before.' })
  disabled!: number;
}

/** A code was redeemed. */
@ObjectType({ description: 'The code was redeemed.' })
@Allow('codes:redeem')
export class CodeRedeemed {
  @Field(() => Credits, { description: 'What was added.' })
  added!: bigint;

  @Field(() => AccountBalance, { description: 'What the account has now.' })
  balance!: AccountBalance;
}

/** A code was not redeemed. */
@ObjectType({ description: 'The code was not redeemed.' })
@Allow('codes:redeem')
export class CodeRefused {
  @Field(() => CodeRefusedReason, { description: 'Why.' })
  reason!: CodeRefusal;

  @Field(() => String, { description: 'The same for people, and what to do.' })
  message!: string;
}

/** What becomes of a code. */
export const RedeemCodeResult = createUnionType({
  name: 'RedeemCodeResult',
  description: 'The code was redeemed, or why not.',
  types: () => [CodeRedeemed, CodeRefused] as const,
  resolveType: (value) => (value instanceof CodeRefused ? CodeRefused : CodeRedeemed),
});
