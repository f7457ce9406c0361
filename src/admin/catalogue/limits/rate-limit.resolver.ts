import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { RateLimitConnection, type RateLimitNode, RateLimitsArgs } from './rate-limit.type.js';
import { RateLimitReader } from './rate-limit-reader.js';

/** What limits callers. */
@Resolver()
export class RateLimitResolver {
  constructor(@Inject(RateLimitReader) private readonly reader: RateLimitReader) {}

  @Query(() => RateLimitConnection, {
    description: 'What limits accounts, keys and models now: their own limits, or the defaults of the settings.',
  })
  @Allow('limits:read')
  rateLimits(@Args() args: RateLimitsArgs): Promise<Page<RateLimitNode>> {
    return this.reader.list(args);
  }
}
