import type { ThrottlerStorage } from '@nestjs/throttler';
import type { HitStore } from './hit-store.js';

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * Where @nestjs/throttler counts: in our sliding windows. Its own store keeps a timestamp of every hit and goes through all
 * of them with each, which makes a flood more expensive the longer it lasts.
 */
export class ThrottleStorage implements ThrottlerStorage {
  constructor(private readonly store: HitStore) {}

  /** Counts a hit if there is room for it. `ttl` is the window in milliseconds; the times of the result are seconds. */
  async increment(key: string, ttl: number, limit: number): Promise<Counted> {
    const { count, isAllowed, retryAfterMs, resetMs } = await this.store.hit(key, { limit, windowMs: ttl });
    return {
      totalHits: count,
      timeToExpire: Math.ceil(resetMs / 1000),
      isBlocked: !isAllowed,
      timeToBlockExpire: Math.max(1, Math.ceil(retryAfterMs / 1000)),
    };
  }
}
