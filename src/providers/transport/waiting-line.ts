/** Counts the requests of one pool that wait for one of its connections to be free. */
export class WaitingLine {
  private sent = 0;
  private queued = 0;
  private readAtMs = Number.NEGATIVE_INFINITY;

  /** @param queuedNow how many the pool keeps back at this moment, which it sends in the order in which they came. */
  constructor(private readonly queuedNow: () => number) {}

  /** A number for the next request. */
  join(): number {
    return ++this.sent;
  }

  /**
   * Whether a request that has not begun yet waits for others to be done, and not for its own connection to be made.
   * @param nowMs time of the tick; the pool is asked once for each.
   */
  isWaiting(number: number, nowMs: number): boolean {
    if (nowMs !== this.readAtMs) {
      this.readAtMs = nowMs;
      this.queued = this.queuedNow();
    }
    // Those that are kept back are those that came last.
    return number > this.sent - this.queued;
  }
}
