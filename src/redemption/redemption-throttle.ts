import { tooManyCodes } from './redemption.errors.js';

/** Codes that could not be redeemed, per key and window. */
export const REDEMPTION_ATTEMPTS = { limit: 10, windowMs: 600_000 } as const;

/** Slows down guessing. A key is an account or an address. */
export abstract class RedemptionThrottle {
  /** @throws HubError 429 with Retry-After when one of the keys has had its attempts. */
  abstract check(keys: readonly string[]): Promise<void>;
  /** Counts a failed attempt. */
  abstract note(keys: readonly string[]): Promise<void>;
}

/** The most keys that are remembered; the one whose last attempt is longest ago goes first. */
const KEYS_MAX = 10_000;

/** Attempts of this process only, in a sliding window. */
export class LocalRedemptionThrottle extends RedemptionThrottle {
  private readonly attempts = new Map<string, number[]>();

  /** @param now monotonic time in milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {
    super();
  }

  override async check(keys: readonly string[]): Promise<void> {
    const { limit, windowMs } = REDEMPTION_ATTEMPTS;
    const waits = keys.map((key) => this.recent(key)).filter((times) => times.length >= limit);
    const freeAt = Math.max(...waits.map((times) => (times.at(-limit) ?? 0) + windowMs));
    if (waits.length > 0) throw tooManyCodes(Math.max(1, Math.ceil((freeAt - this.now()) / 1000)));
  }

  override async note(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const times = [...this.recent(key), this.now()];
      this.attempts.delete(key);
      this.attempts.set(key, times.slice(-REDEMPTION_ATTEMPTS.limit));
    }
    for (const key of this.attempts.keys()) {
      if (this.attempts.size <= KEYS_MAX) break;
      this.attempts.delete(key);
    }
  }

  private recent(key: string): number[] {
    const since = this.now() - REDEMPTION_ATTEMPTS.windowMs;
    return (this.attempts.get(key) ?? []).filter((time) => time > since);
  }
}
