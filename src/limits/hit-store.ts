import { LRUCache } from 'lru-cache';
import { HIT } from './limit-scripts.js';
import type { RedisGate } from './redis-gate.js';
import { SlidingWindow } from './sliding-window.js';

const PREFIX = 'hub:hits:';
/** At about half a kilobyte each. */
const KEYS_MAX = 50_000;

/** What is known of the hits on a key. Times are milliseconds. */
export interface Hits {
  /** In the window, this one included when it was counted. */
  readonly count: number;
  /** There was room for one more; without room nothing was counted. */
  readonly isAllowed: boolean;
  /** Until there is room again; 0 when there is. */
  readonly retryAfterMs: number;
  /** Until the window is empty. */
  readonly resetMs: number;
}

/** How many hits are allowed in any window of this length. */
export interface HitLimit {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Counts hits on keys in sliding windows: in Redis for all instances, and in this process, which counts alone while Redis
 * does not answer. Constant memory and time per key; of too many keys the one unused for longest is forgotten.
 */
export class HitStore {
  private readonly windows: LRUCache<string, SlidingWindow>;

  /** @param now monotonic milliseconds; counts where Redis does not. */
  constructor(
    private readonly gate?: RedisGate,
    private readonly now: () => number = () => performance.now(),
    keysMax = KEYS_MAX,
  ) {
    this.windows = new LRUCache({ max: keysMax });
  }

  /** Counts a hit if there is room for it. */
  async hit(key: string, limits: HitLimit): Promise<Hits> {
    const shared = await this.ask(key, limits, 1);
    // What others let in is not this process' business when it counts alone; what it let in itself is.
    if (shared?.isAllowed === false) return shared;
    const own = this.hitHere(key, limits);
    return shared ?? own;
  }

  /** Looks without counting. */
  async look(key: string, limits: HitLimit): Promise<Hits> {
    return (await this.ask(key, limits, 0)) ?? this.stateOf(this.windows.get(key), limits);
  }

  private async ask(key: string, { limit, windowMs }: HitLimit, amount: 0 | 1): Promise<Hits | undefined> {
    const answer = await this.gate?.ask(HIT, [PREFIX + key], [limit, windowMs, amount]);
    if (!Array.isArray(answer)) return undefined;
    const [count = 0, isAllowed = 0, retryAfterMs = 0, resetMs = 0] = answer.map(Number);
    return { count, isAllowed: isAllowed === 1, retryAfterMs, resetMs };
  }

  private hitHere(key: string, limits: HitLimit): Hits {
    let window = this.windows.get(key);
    if (window === undefined) {
      window = new SlidingWindow(limits.windowMs);
      this.windows.set(key, window);
    }
    const before = this.stateOf(window, limits);
    if (!before.isAllowed) return before;
    window.add(1, this.now());
    return { ...this.stateOf(window, limits), isAllowed: true, retryAfterMs: 0 };
  }

  private stateOf(window: SlidingWindow | undefined, { limit }: HitLimit): Hits {
    const nowMs = this.now();
    const count = window?.used(nowMs) ?? 0;
    return {
      count,
      isAllowed: count < limit,
      retryAfterMs: window?.waitMs(1, limit, nowMs) ?? 0,
      resetMs: window?.resetMs(nowMs) ?? 0,
    };
  }
}
