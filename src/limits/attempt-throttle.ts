import { Inject, Injectable } from '@nestjs/common';
import { type HitLimit, HitStore, type Hits } from './hit-store.js';
import { tooManyAttempts } from './limits.errors.js';

/**
 * Stops guessing: after so many failures nobody may try again for a while. The keys of an attempt say who is counted, such
 * as `account:7` and `ip:203.0.113.9`; each is counted for itself.
 */
export class AttemptThrottle {
  /** @param name keeps its keys apart from those of other throttles. */
  constructor(
    private readonly store: HitStore,
    private readonly name: string,
    private readonly limits: HitLimit,
  ) {}

  /**
   * Before an attempt; counts nothing.
   * @throws HubError 429 `too_many_attempts` when one of the keys has failed too often.
   */
  async check(keys: readonly string[]): Promise<void> {
    const states = await Promise.all(keys.map((key) => this.store.look(this.keyOf(key), this.limits)));
    const waits = states.filter(({ isAllowed }) => !isAllowed).map(({ retryAfterMs }) => retryAfterMs);
    if (waits.length > 0) throw tooManyAttempts(Math.max(1, Math.ceil(Math.max(...waits) / 1000)));
  }

  /** After a failed attempt. */
  async note(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.hit(key)));
  }

  /** Counts one failure. */
  hit(key: string): Promise<Hits> {
    return this.store.hit(this.keyOf(key), this.limits);
  }

  /** True while this key may not try. */
  async isBlocked(key: string): Promise<boolean> {
    return !(await this.store.look(this.keyOf(key), this.limits)).isAllowed;
  }

  private keyOf(key: string): string {
    return `${this.name}:${key}`;
  }
}

/** Makes the throttles of the services that need one. */
@Injectable()
export class AttemptThrottles {
  constructor(@Inject(HitStore) private readonly store: HitStore) {}

  /**
   * @param name e.g. `redemption`; the same name shares its counts.
   * @param limits failures allowed in any window.
   */
  for(name: string, limits: HitLimit): AttemptThrottle {
    return new AttemptThrottle(this.store, name, limits);
  }
}
