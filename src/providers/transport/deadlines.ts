// How late a deadline may be noticed. The shortest ones are seconds.
const TICK_MS = 50;
// What one tick can count. A later one means that this process stood still: blocked, starved of a processor, or paused with its machine.
const TICK_MS_MAX = 2 * TICK_MS;

/** Something that must not last too long. */
export interface Watched {
  /** Called with each tick while watched. @param nowMs time of the clock that watches it. */
  checkDeadline(nowMs: number): void;
}

/**
 * One ticking clock for the deadlines of all requests. Three timers of its own for each request, set and cleared within
 * milliseconds, cost as much as parsing its body.
 *
 * It counts the time in which this process could have taken an answer, and stands still while the process itself does: what has come
 * meanwhile lies unread in a socket, and timers are told before sockets are read. A pause of the hub is no silence of an upstream.
 */
export class Deadlines {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private tickedAt = performance.now();
  /** The time of the last tick in milliseconds of this clock: good enough to note activity by. */
  nowMs = this.tickedAt;

  /** The exact time in milliseconds of this clock. */
  now(): number {
    return this.nowMs + Math.min(performance.now() - this.tickedAt, TICK_MS_MAX);
  }

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
    this.advance();
    // Stopped by itself some ticks after the last request, so that a busy hub does not start it anew for each.
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  private tick(): void {
    this.advance();
    for (const item of this.watched) item.checkDeadline(this.nowMs);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private advance(): void {
    this.nowMs = this.now();
    this.tickedAt = performance.now();
  }
}
