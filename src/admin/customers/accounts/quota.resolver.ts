import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { QuotaPostings } from './quota.service.js';
import { AdjustQuotaInput, GrantQuotaInput, QuotaPosted } from './quota.type.js';

/** Quota that administrators give and take. */
@Resolver()
export class QuotaResolver {
  constructor(@Inject(QuotaPostings) private readonly postings: QuotaPostings) {}

  @Mutation(() => QuotaPosted, { description: 'Gives quota to an account.' })
  @Allow('quota:write')
  grantQuota(
    @Args('input', { description: 'How much, to whom, and why.' }) input: GrantQuotaInput,
    @Context() context: AdminContext,
  ): Promise<QuotaPosted> {
    return this.postings.grant(context, input);
  }

  @Mutation(() => QuotaPosted, {
    description: 'Corrects the quota of an account, up or down. More than is available cannot be taken away.',
  })
  @Allow('quota:write')
  adjustQuota(
    @Args('input', { description: 'How much, whose, and why.' }) input: AdjustQuotaInput,
    @Context() context: AdminContext,
  ): Promise<QuotaPosted> {
    return this.postings.adjust(context, input);
  }
}
