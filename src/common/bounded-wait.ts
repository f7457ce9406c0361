import { AttentiveClock } from './attentive-clock.js';

interface Waiting {
  readonly dueAt: number;
  readonly reject: (error: Error) => void;
  isOver: boolean;
}

const CHECK_MS = 100;

/**
 * Waits for promises, each for the same time at most, with one timer for all of them: a timer of its own would cost every
 * request more than the wait is worth.
 */
export class BoundedWait {
  /** In the order in which they come due. */
  private readonly waiting: Waiting[] = [];
  private readonly clock = new AttentiveClock(CHECK_MS);
  private timer: NodeJS.Timeout | undefined;

  /** @param toError makes the error of a promise that took too long. */
  constructor(
    private readonly ms: number,
    private readonly toError: () => Error,
  ) {}

  /** Settles as the promise does, or rejects when that takes too long; up to 100 ms longer than said. */
  wait<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.timer === undefined) this.start();
      const entry: Waiting = { dueAt: this.clock.now() + this.ms, reject, isOver: false };
      this.waiting.push(entry);
      promise.then(
        (value) => {
          entry.isOver = true;
          resolve(value);
        },
        (error) => {
          entry.isOver = true;
          reject(error);
        },
      );
    });
  }

  private start(): void {
    this.clock.tick();
    this.timer = setInterval(() => this.check(), CHECK_MS);
  }

  private check(): void {
    const now = this.clock.tick();
    let count = 0;
    for (const entry of this.waiting) {
      if (!entry.isOver && entry.dueAt > now) break;
      count++;
      if (!entry.isOver) entry.reject(this.toError());
    }
    this.waiting.splice(0, count);
    if (this.waiting.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
