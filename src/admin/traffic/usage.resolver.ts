import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { UsageBucket } from '../../reporting/read-usage.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { NameReader } from './name-reader.js';
import { UsageFilter, UsageGroupsArgs } from './usage.input.js';
import { Usage, UsageBucketEnum, UsageGroup, UsageGroups, UsageSeries, UsageTotals } from './usage.type.js';
import { UsageReader } from './usage-reader.js';

/** Statistics. Figures may be null, so that one that is refused leaves the others. */
@Resolver(() => Usage)
export class UsageResolver {
  constructor(@Inject(UsageReader) private readonly reader: UsageReader) {}

  @Query(() => Usage, {
    description: 'What was used: totals, by time, and by group. Members see the usage of the own account.',
  })
  @Allow('usage:read')
  usage(
    @Args('filter', { type: () => UsageFilter, nullable: true, description: 'Which usage counts.' })
    filter: UsageFilter | null,
    @Context() context: AdminContext,
  ): Usage {
    return Object.assign(new Usage(), { scope: this.reader.scopeOf(context, filter ?? {}) });
  }

  @ResolveField(() => Date, { description: 'The moment that all figures are exact at.' })
  @Allow('usage:read')
  async asOf(@Context() context: AdminContext): Promise<Date> {
    return (await this.reader.stateOf(context)).asOf;
  }

  @ResolveField(() => Boolean, {
    description: 'False while sums are being made anew or are far behind: `asOf` is in the past then.',
  })
  @Allow('usage:read')
  async isComplete(@Context() context: AdminContext): Promise<boolean> {
    return (await this.reader.stateOf(context)).isComplete;
  }

  @ResolveField(() => UsageTotals, { nullable: true, description: 'Sums over the whole time.' })
  @Allow('usage:read')
  totals(@Parent() { scope }: Usage, @Context() context: AdminContext): Promise<UsageTotals> {
    return this.reader.totals(context, scope);
  }

  @ResolveField(() => UsageSeries, {
    nullable: true,
    description: 'Sums by the hour, for at most 31 days, or by the day.',
  })
  @Allow('usage:read')
  series(
    @Parent() { scope }: Usage,
    @Args('bucket', { type: () => UsageBucketEnum, description: 'How long each part is.' }) bucket: UsageBucket,
    @Context() context: AdminContext,
  ): Promise<UsageSeries> {
    return this.reader.series(context, scope, bucket);
  }

  @ResolveField(() => UsageGroups, {
    nullable: true,
    description: 'Sums by account, key, model and so on, the greatest first.',
  })
  @Allow('usage:read')
  groups(
    @Parent() { scope }: Usage,
    @Args() args: UsageGroupsArgs,
    @Context() context: AdminContext,
  ): Promise<UsageGroups> {
    return this.reader.groups(context, scope, args);
  }
}

/** Names of what usage is grouped by. */
@Resolver(() => UsageGroup)
export class UsageGroupResolver {
  constructor(@Inject(NameReader) private readonly names: NameReader) {}

  @ResolveField(() => String, {
    nullable: true,
    description: 'Name of the account, key or channel, while there is one; of all else the value itself.',
  })
  @Allow('usage:read')
  async name(@Parent() { by, value }: UsageGroup, @Context() context: AdminContext): Promise<string | null> {
    if (by === 'account' || by === 'key' || by === 'channel') return await this.names.nameOf(context, by, value);
    return value;
  }
}
