import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { HitStore } from './hit-store.js';
import { tooManyAttempts } from './limits.errors.js';
import { normalizeIp } from './nest-throttler.js';

const LIMITS = { limit: 100, windowMs: 60_000 };
const ADDRESSES_MAX = 10_000;

/**
 * Counts refused API keys per address (IPv6: per /64). An address with more than a hundred in a minute may not have unknown
 * keys looked up for a while, so that guessing costs the database nothing.
 */
@Injectable()
export class FailedKeys {
  /** Until when each blocked address is blocked. */
  private readonly blocked = new LRUCache<string, number>({ max: ADDRESSES_MAX });
  private lastUntilMs = 0;

  /** @param now monotonic milliseconds. */
  constructor(
    @Inject(HitStore) private readonly store: HitStore,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False while no address at all is blocked: the usual case, which must cost nothing. */
  get isAnyBlocked(): boolean {
    return this.lastUntilMs > 0 && this.now() < this.lastUntilMs;
  }

  /** @throws HubError 429 `too_many_attempts` while this address is blocked. */
  check(address: string): void {
    const key = keyOf(address);
    const untilMs = this.blocked.get(key);
    if (untilMs === undefined) return;
    const waitMs = untilMs - this.now();
    if (waitMs > 0) throw tooManyAttempts(Math.ceil(waitMs / 1000));
  }

  /** Notes that a key from this address was refused. Nobody waits for it. */
  async note(address: string): Promise<void> {
    const key = keyOf(address);
    const { isAllowed, retryAfterMs } = await this.store.hit(`failed-keys:${key}`, LIMITS);
    if (isAllowed) return;
    const untilMs = this.now() + retryAfterMs;
    this.blocked.set(key, untilMs);
    this.lastUntilMs = Math.max(this.lastUntilMs, untilMs);
  }
}

function keyOf(address: string): string {
  return normalizeIp(address);
}
