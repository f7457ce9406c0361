/** After so long what was seen counts for a third (1/e). */
const DECAY_MS = 30_000;

/**
 * A moving average of latencies that believes bad news at once and good news slowly: a value above it takes its place, lower ones pull it
 * down over half a minute. Without news it sinks, so that a candidate that was slow once is tried again.
 */
export class PeakEwma {
  private value: number | undefined;
  private atMs = 0;

  /** @param ms what was seen. @param nowMs a clock that never goes back. */
  add(ms: number, nowMs: number): void {
    const before = this.read(nowMs);
    const part = Math.exp(-(nowMs - this.atMs) / DECAY_MS);
    this.value = before === undefined || ms >= before ? ms : before * part + ms * (1 - part);
    this.atMs = nowMs;
  }

  /** The average at this moment, in milliseconds; undefined when nothing was ever seen. */
  read(nowMs: number): number | undefined {
    return this.value === undefined ? undefined : this.value * Math.exp(-(nowMs - this.atMs) / DECAY_MS);
  }
}
