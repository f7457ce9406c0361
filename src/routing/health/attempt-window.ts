const PARTS = 10;
// One more: the part that is half in the window and half out of it still counts whole.
const SLOTS = PARTS + 1;

/** What became of a request that was meant for a candidate. */
export const SUCCEEDED = 0;
/** Failed as something that is broken does. */
export const FAILED = 1;
/** Refused as something that has too much to do does. */
export const REFUSED = 2;
/** Not sent: too much of what is sent is refused. */
export const HELD_BACK = 3;
const KINDS = 4;
export type AttemptKind = typeof SUCCEEDED | typeof FAILED | typeof REFUSED | typeof HELD_BACK;

/** Counts what became of the attempts of the last while, in constant memory. Times are of a clock that never goes back. */
export class AttemptWindow {
  private readonly slots = new Uint32Array(SLOTS * KINDS);
  private readonly totals = new Uint32Array(KINDS);
  private readonly partMs: number;
  private head = 0;

  /** @param windowMs length; what was counted leaves at most a tenth of it late. */
  constructor(windowMs: number) {
    this.partMs = windowMs / PARTS;
  }

  /** Counts one. */
  add(kind: AttemptKind, nowMs: number): void {
    this.advance(nowMs);
    const index = (this.head % SLOTS) * KINDS + kind;
    this.slots[index] = (this.slots[index] ?? 0) + 1;
    this.totals[kind] = (this.totals[kind] ?? 0) + 1;
  }

  /** How many of a kind the window holds. */
  count(kind: AttemptKind, nowMs: number): number {
    this.advance(nowMs);
    return this.totals[kind] ?? 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.slots.fill(0);
    this.totals.fill(0);
  }

  private advance(nowMs: number): void {
    const part = Math.floor(nowMs / this.partMs);
    if (part <= this.head) return;
    for (let next = Math.max(this.head + 1, part - PARTS); next <= part; next++) {
      const start = (next % SLOTS) * KINDS;
      for (let kind = 0; kind < KINDS; kind++) {
        this.totals[kind] = (this.totals[kind] ?? 0) - (this.slots[start + kind] ?? 0);
        this.slots[start + kind] = 0;
      }
    }
    this.head = part;
  }
}
