// How late a deadline may be noticed. The shortest ones are seconds.
const TICK_MS = 50;

/** Something that must not last too long. */
export interface Watched {
  /** Called with each tick while watched. @param nowMs `performance.now()`. */
  checkDeadline(nowMs: number): void;
}

/**
 * One ticking clock for the deadlines of all requests. Three timers of its own for each request, set and cleared within
 * milliseconds, cost as much as parsing its body.
 */
export class Deadlines {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  /** The time of the last tick in `performance.now()` milliseconds: good enough to note activity by. */
  nowMs = performance.now();

  /** Begins to check something. */
  watch(item: Watched): void {
    if (this.watched.size === 0) this.start();
    this.watched.add(item);
  }

  /** Stops checking it. */
  release(item: Watched): void {
    this.watched.delete(item);
  }

  private start(): void {
    this.nowMs = performance.now();
    // Stopped by itself some ticks after the last request, so that a busy hub does not start it anew for each.
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  private tick(): void {
    this.nowMs = performance.now();
    for (const item of this.watched) item.checkDeadline(this.nowMs);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
