/** Parts a window is counted in, and with it the precision: what was counted leaves at most one part late, never early. */
export const WINDOW_PARTS = 60;
// One more: the part that is half in the window and half out of it still counts whole.
const SLOTS = WINDOW_PARTS + 1;

/**
 * A sum over the last window, in constant memory and amortised constant time. In no window, wherever it begins, is more
 * accepted than the limit: there are no edges at which a burst could double. `limit-scripts.ts` does the same in Redis.
 */
export class SlidingWindow {
  private readonly slots = new Float64Array(SLOTS);
  private readonly partMs: number;
  private head = 0;
  private lastPart = 0;
  private total = 0;

  /** @param windowMs length of the window. */
  constructor(windowMs: number) {
    this.partMs = windowMs / WINDOW_PARTS;
  }

  /** What the window holds. Times are milliseconds of a clock that never goes back. */
  used(nowMs: number): number {
    this.advance(nowMs);
    return this.total;
  }

  /** Counts at this moment. @returns the part it was counted in, for {@link giveBack}. */
  add(amount: number, nowMs: number): number {
    this.advance(nowMs);
    const index = this.head % SLOTS;
    this.slots[index] = (this.slots[index] ?? 0) + amount;
    this.total += amount;
    this.lastPart = this.head;
    return this.head;
  }

  /** Takes back what was counted in a part, as far as it is still in the window. */
  giveBack(amount: number, part: number, nowMs: number): void {
    this.advance(nowMs);
    if (this.head - part >= SLOTS) return;
    const index = part % SLOTS;
    const counted = this.slots[index] ?? 0;
    const given = Math.min(counted, amount);
    this.slots[index] = counted - given;
    this.total -= given;
  }

  /** Time until the window is empty if nothing more comes. */
  resetMs(nowMs: number): number {
    this.advance(nowMs);
    return this.total === 0 ? 0 : this.leavesAt(this.lastPart) - nowMs;
  }

  /** Time until `room` fits under `limit`; Infinity when it never will. */
  waitMs(room: number, limit: number, nowMs: number): number {
    this.advance(nowMs);
    let excess = this.total + room - limit;
    if (excess <= 0) return 0;
    for (let part = this.head - WINDOW_PARTS; part <= this.head; part++) {
      excess -= part < 0 ? 0 : (this.slots[part % SLOTS] ?? 0);
      if (excess <= 0) return this.leavesAt(part) - nowMs;
    }
    return Number.POSITIVE_INFINITY;
  }

  private leavesAt(part: number): number {
    return (part + SLOTS) * this.partMs;
  }

  private advance(nowMs: number): void {
    const part = Math.floor(nowMs / this.partMs);
    if (part <= this.head) return;
    if (this.total === 0) {
      this.head = part;
      return;
    }
    for (let next = Math.max(this.head + 1, part - WINDOW_PARTS); next <= part; next++) {
      const index = next % SLOTS;
      this.total -= this.slots[index] ?? 0;
      this.slots[index] = 0;
    }
    this.head = part;
  }
}
