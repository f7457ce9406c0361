import { SlidingWindow } from '../limits/sliding-window.js';

const WINDOW_MS = 10_000;
const RETRIES_PART = 0.2;
const RETRIES_FLOOR = 3;

/**
 * How many second attempts this process may make: in ten seconds three, or a fifth of the requests less three where that is more. Less
 * three, so that those which are always allowed do not come on top: no run of requests, however long, costs upstreams that are down
 * more than 1.2 attempts each.
 */
export class RetryBudget {
  private readonly requests = new SlidingWindow(WINDOW_MS);
  private readonly retries = new SlidingWindow(WINDOW_MS);
  private readonly now: () => number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now?: () => number) {
    this.now = now ?? (() => performance.now());
  }

  /** Counts a request; called once for each, before its first attempt. */
  noteRequest(): void {
    this.requests.add(1, this.now());
  }

  /**
   * Asks for one more attempt of a request, and counts it when it may be made.
   *
   * @param isSound the candidate has not failed lately: it is always asked, since its first failure ends that.
   */
  mayRetry(isSound: boolean): boolean {
    const nowMs = this.now();
    const max = Math.max(RETRIES_FLOOR, RETRIES_PART * this.requests.used(nowMs) - RETRIES_FLOOR);
    if (!isSound && this.retries.used(nowMs) + 1 > max) return false;
    this.retries.add(1, nowMs);
    return true;
  }
}
