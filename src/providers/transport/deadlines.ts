import { AttentiveClock } from '../../common/attentive-clock.js';

// How late a deadline may be noticed. The shortest ones are seconds.
const TICK_MS = 50;

/** Something that must not last too long. */
export interface Watched {
  /** Called with each tick while watched. @param nowMs time of the clock that watches it. */
  checkDeadline(nowMs: number): void;
}

/**
 * One ticking clock for the deadlines of all requests. Three timers of its own for each request, set and cleared within
 * milliseconds, cost as much as parsing its body. A pause of the hub itself is not held against an upstream: see {@link AttentiveClock}.
 */
export class Deadlines {
  private readonly watched = new Set<Watched>();
  private readonly clock = new AttentiveClock(TICK_MS);
  private timer: NodeJS.Timeout | undefined;

  /** The time of the last tick in milliseconds of this clock: good enough to note activity by. */
  get nowMs(): number {
    return this.clock.lastTickMs;
  }

  /** Begins to check something. @returns the exact time in milliseconds of this clock. */
  watch(item: Watched): number {
    if (this.watched.size === 0) this.start();
    this.watched.add(item);
    return this.clock.now();
  }

  /** Stops checking it. */
  release(item: Watched): void {
    this.watched.delete(item);
  }

  private start(): void {
    this.clock.tick();
    // Stopped by itself some ticks after the last request, so that a busy hub does not start it anew for each.
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  private tick(): void {
    const nowMs = this.clock.tick();
    for (const item of this.watched) item.checkDeadline(nowMs);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
