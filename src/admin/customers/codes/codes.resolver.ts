import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import {
  CreateRedemptionBatchInput,
  DisableCodesInput,
  RedeemCodeInput,
  RedemptionBatchesArgs,
  RedemptionCodesArgs,
} from './code.input.js';
import {
  type CodeRedeemed,
  type CodeRefused,
  CodesDisabled,
  RedeemCodeResult,
  RedemptionBatchConnection,
  RedemptionBatchCreated,
  RedemptionBatchNode,
  RedemptionBatchSummary,
  RedemptionCodeConnection,
  RedemptionCodeNode,
} from './code.type.js';
import { CodeReader } from './code-reader.js';
import { CodesService } from './codes.service.js';

/** Redemption codes and their batches. */
@Resolver()
export class CodesResolver {
  constructor(
    @Inject(CodeReader) private readonly reader: CodeReader,
    @Inject(CodesService) private readonly service: CodesService,
  ) {}

  @Query(() => RedemptionBatchConnection, { description: 'Batches of redemption codes, the newest first.' })
  @Allow('codes:read')
  redemptionBatches(@Args() args: RedemptionBatchesArgs): Promise<Page<RedemptionBatchNode>> {
    return this.reader.batches(args);
  }

  @Query(() => RedemptionBatchNode, { description: 'One batch of redemption codes.' })
  @Allow('codes:read')
  redemptionBatch(@Args('id', { type: () => ID, description: 'Its id.' }) id: string): Promise<RedemptionBatchNode> {
    return this.reader.batch(id);
  }

  @Query(() => RedemptionCodeConnection, { description: 'Redemption codes, the newest first.' })
  @Allow('codes:read')
  redemptionCodes(@Args() args: RedemptionCodesArgs): Promise<Page<RedemptionCodeNode>> {
    return this.reader.codes(args);
  }

  @Mutation(() => RedemptionBatchCreated, {
    description:
      'Makes redemption codes and says where they can be had, for a quarter of an hour. They are not shown again.',
  })
  @Allow('codes:write')
  createRedemptionBatch(
    @Args('input', { description: 'The codes.' }) input: CreateRedemptionBatchInput,
    @Context() context: AdminContext,
  ): Promise<RedemptionBatchCreated> {
    return this.service.create(context, input);
  }

  @Mutation(() => CodesDisabled, { description: 'Ends redemption codes for good. What was redeemed stays.' })
  @Allow('codes:write')
  disableCodes(
    @Args('input', { description: 'Which codes.' }) input: DisableCodesInput,
    @Context() context: AdminContext,
  ): Promise<CodesDisabled> {
    return this.service.disable(context, input);
  }

  @Mutation(() => RedeemCodeResult, {
    description:
      'Redeems a code. After ten codes in ten minutes that cannot be redeemed, nobody may try again for a while.',
  })
  @Allow('codes:redeem')
  redeemCode(
    @Args('input', { description: 'The code, and for whom.' }) input: RedeemCodeInput,
    @Context() context: AdminContext,
  ): Promise<CodeRedeemed | CodeRefused> {
    return this.service.redeem(context, input);
  }
}

/** What a batch says of its codes. */
@Resolver(() => RedemptionBatchNode)
export class RedemptionBatchResolver {
  constructor(@Inject(CodeReader) private readonly reader: CodeReader) {}

  @ResolveField(() => RedemptionBatchSummary, { description: 'What its codes are worth, and what became of them.' })
  @Allow('codes:read')
  summary(@Parent() { id }: RedemptionBatchNode, @Context() context: AdminContext): Promise<RedemptionBatchSummary> {
    return this.reader.summaryOf(context, id);
  }
}

/** What a code says of its batch. */
@Resolver(() => RedemptionCodeNode)
export class RedemptionCodeResolver {
  constructor(@Inject(CodeReader) private readonly reader: CodeReader) {}

  @ResolveField(() => RedemptionBatchNode, { description: 'The batch it was made in.' })
  @Allow('codes:read')
  batch(
    @Parent() { batchId }: RedemptionCodeNode,
    @Context() context: AdminContext,
  ): Promise<RedemptionBatchNode | undefined> {
    return this.reader.batchOf(context, batchId);
  }
}
