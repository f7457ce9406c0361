import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { Limits, StoredLimits } from '../../limits/limit-subject.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readCount } from './input-checks.js';

/** How fast something may be used. */
@ObjectType({ description: 'How fast an account or key may be used. Null takes what the hub sets for all.' })
@Allow('anybody')
export class RateLimits {
  @Field(() => Int, { nullable: true, description: 'Requests per minute.' })
  requestsPerMinute!: number | null;

  @Field(() => Int, { nullable: true, description: 'Tokens per minute, of prompts and answers together.' })
  tokensPerMinute!: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time.' })
  concurrentRequests!: number | null;
}

/** {@link RateLimits} to be set; what is left out stays as it is. */
@InputType({ description: 'Limits to be set. What is left out stays as it is; null takes what the hub sets for all.' })
export class RateLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Requests per minute, at least 1.' })
  requestsPerMinute?: number | null;

  @Field(() => Int, { nullable: true, description: 'Tokens per minute, at least 1.' })
  tokensPerMinute?: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time, at least 1.' })
  concurrentRequests?: number | null;
}

/** Stored limits as the API shows them. */
export function toRateLimits({ rpm, tpm, concurrency }: StoredLimits): RateLimits {
  return { requestsPerMinute: rpm, tokensPerMinute: tpm, concurrentRequests: concurrency };
}

/**
 * Limits as they will be.
 *
 * @param before as they are.
 * @throws HubError 400 naming the limit.
 */
export function mergeLimits(before: StoredLimits, input: RateLimitsInput | null | undefined): StoredLimits {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = input ?? {};
  return {
    rpm: merged(before.rpm, requestsPerMinute, 'limits.requestsPerMinute'),
    tpm: merged(before.tpm, tokensPerMinute, 'limits.tokensPerMinute'),
    concurrency: merged(before.concurrency, concurrentRequests, 'limits.concurrentRequests'),
  };
}

/** Limits of something that has none. */
export const NO_LIMITS: StoredLimits = { rpm: null, tpm: null, concurrency: null };

/** Stored limits without those that are not set. */
export function toLimits({ rpm, tpm, concurrency }: StoredLimits): Limits {
  return { rpm: rpm ?? undefined, tpm: tpm ?? undefined, concurrency: concurrency ?? undefined };
}

function merged(before: number | null, given: number | null | undefined, param: string): number | null {
  return given === undefined ? before : readCount(given, param);
}
