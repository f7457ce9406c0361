/**
 * A clock for deadlines that are looked at in ticks: it counts the time in which this process could have taken an answer, and stands still
 * while the process itself does, blocked, starved of a processor, or paused with its machine. What has come meanwhile lies unread in a
 * socket, and timers are told before sockets are read: by the true time a pause of the hub would be taken for a silence of whoever answers.
 *
 * Not for leases and windows that others go by too.
 */
export class AttentiveClock {
  private tickedAt: number;
  private tickMs: number;
  private readonly tickCountsMsMax: number;

  /**
   * @param everyMs how far apart the ticks should be; one counts for two of them at most.
   * @param read the true time, monotonic, in milliseconds.
   */
  constructor(
    everyMs: number,
    private readonly read: () => number = () => performance.now(),
  ) {
    this.tickCountsMsMax = 2 * everyMs;
    this.tickedAt = this.tickMs = read();
  }

  /** The time of the last tick in milliseconds of this clock: good enough to note activity by. */
  get lastTickMs(): number {
    return this.tickMs;
  }

  /** The exact time in milliseconds of this clock. */
  now(): number {
    return this.tickMs + Math.min(this.read() - this.tickedAt, this.tickCountsMsMax);
  }

  /** To be called with each tick, and when the ticking begins. @returns the time of this clock. */
  tick(): number {
    this.tickMs = this.now();
    this.tickedAt = this.read();
    return this.tickMs;
  }
}
